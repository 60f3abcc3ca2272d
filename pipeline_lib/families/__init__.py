"""What several methods share, and the others must not pay for: one package per family."""
