"""Clusterers behind one interface: Fuzzy ART (adaptive) and FAISS k-means (fixed number)."""
