"""The project's version. No stage imports it: another version alone makes nothing anew."""

__version__ = "0.2.0"
