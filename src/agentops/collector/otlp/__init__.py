"""OTLP coming in: requests of any OpenTelemetry SDK, protobuf or JSON, read into our records."""
