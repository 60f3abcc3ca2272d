"""Typed, immutable views of params.yaml: one module and one model per section."""
