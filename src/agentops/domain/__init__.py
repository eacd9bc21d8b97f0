"""The words of agentops as plain Python: no input or output, no OpenTelemetry."""
