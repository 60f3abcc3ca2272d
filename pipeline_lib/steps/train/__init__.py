"""One run of a method: what it reads, its seeds, what it writes."""
