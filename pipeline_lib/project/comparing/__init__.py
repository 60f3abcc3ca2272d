"""Runs beside each other: of a checkout, of its commits and experiments, or made elsewhere."""
