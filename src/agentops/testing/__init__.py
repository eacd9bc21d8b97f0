"""What tests of agents and of plugins need: fixed ids and clock, an in-memory recorder, a loopback provider."""
