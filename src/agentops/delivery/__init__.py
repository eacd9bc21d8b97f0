"""From the journal to where records are kept or sent."""
