"""What frameworks tell of by callbacks: those of a plugin, and those of handlers that programs pass by hand."""
