"""One script per stage: it reads artifacts, calls the library once and writes artifacts."""
