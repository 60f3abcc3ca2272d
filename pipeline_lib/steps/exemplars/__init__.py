"""Exemplars: the hierarchy that is built, the regions matched with it, and what both are worth."""
