"""Exemplars of tags among regions, and regions matched with them (VSCNet, Eqs. 5-7)."""
