"""Stage ``quality``: what may be wrong with the data."""
