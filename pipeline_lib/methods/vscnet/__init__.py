"""VSCNet: regions aligned with tags, exemplars, and a causal graph over both (AAAI 2025)."""
