"""What a params.yaml will cost: the pipeline itself, measured on two small samples of the data."""
