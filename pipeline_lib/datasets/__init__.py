"""Readers: one module per layout of a data set, one registry, one way to decode an image."""
