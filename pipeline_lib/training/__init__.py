"""One training loop for all methods: devices, precision, checkpoints, resume, progress."""
