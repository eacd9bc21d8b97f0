"""Secrets in what programs say: known by their shape, or by the name that they stand under."""
