"""The repository as a project: its dvc.yaml, params.yaml, presets, and what DVC says about them."""
