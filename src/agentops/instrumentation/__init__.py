"""How a callable is observed: what to patch, how to read it, and the one driver behind every span."""
