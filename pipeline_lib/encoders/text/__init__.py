"""Vectors for the names of categories: one source each of four, all with the same result."""
