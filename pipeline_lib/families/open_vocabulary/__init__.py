"""Methods that start from a vision-language model and are told labels by name."""
