"""Measurements that the docs quote; run from the repository's root."""
