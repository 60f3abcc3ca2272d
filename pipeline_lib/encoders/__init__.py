"""Backbones: any timm model by name, local checkpoints, preprocessing, feature extraction."""
