"""Handlers that programs give to other libraries, to record what happens in there."""
