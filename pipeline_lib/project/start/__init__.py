"""From a folder of pictures to a params.yaml: what is there, what fits it, what it costs."""
