"""What is derived from training data before methods train: relations, exemplars, categories."""
