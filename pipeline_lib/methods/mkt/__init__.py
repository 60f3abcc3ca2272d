"""MKT, stage 1: multi-modal knowledge transfer (He et al., AAAI 2023).

    paper     here                   shape
    o_cls     seen.pooled            (batch, dims)
    o_patch   seen.patches           (batch, patches, dims)
    z         labels.scored_texts    (labels, dims), unit length
    L_rank    `families/open_vocabulary/ranking_loss.py`
    L_dist    `families/open_vocabulary/task.py`

A baseline of C2SRT's and SigRL's tables. Its second stage is `prompts: {name: tuning, …}`.

Deviation: patches are projected by the model's own head (encoders/vlp/image_tower.py), where MKT
trains a projection of their own. Deviation: the mean of both cosines on a learned scale; the
paper adds them, which is the same up to the scale, and its code divides both by their length over
the labels of an image.
"""
