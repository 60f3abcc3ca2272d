"""Base: a backbone and a linear classifier, trained by cross-entropy."""
