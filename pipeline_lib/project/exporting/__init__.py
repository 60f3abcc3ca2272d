"""What is written for other programs to open."""
