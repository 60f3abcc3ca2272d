"""Layers and losses shared by methods: torch and the standard library only."""
