"""What `agentops doctor` looks at, one module a subject."""
