"""The collector: one process that takes in what programs recorded, keeps it, and answers questions about it."""
