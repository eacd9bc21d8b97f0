"""Where sessions and spans are kept, and how they are asked for."""
