"""The plugin contract: five hooks, found by entry points."""
