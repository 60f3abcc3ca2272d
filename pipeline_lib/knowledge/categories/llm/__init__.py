"""Ask a language model which categories inform which (C2SRT, Supplement B.3)."""
