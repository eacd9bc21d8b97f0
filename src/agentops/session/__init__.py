"""Sessions: one execution of a workflow each, and everything recorded in it."""
