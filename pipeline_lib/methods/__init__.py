"""One package per method: tensors in, tensors out; no files, no params.yaml, no printing."""
