"""Methods that put a head over the labels on a feature map: DLSA, SSGRL, ML-GCN."""
