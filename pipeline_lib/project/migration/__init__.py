"""Bring a params.yaml of an older shape into today's: one module for each part that moved."""
