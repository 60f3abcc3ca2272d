"""Protoweave's library: everything behind the stages. It knows no paths and prints nothing."""

__version__ = "0.1.0"
