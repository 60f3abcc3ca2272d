"""The list of metrics, how each is computed, and one way to resample them."""
