"""MKT, stage 1: multi-modal knowledge transfer (He et al., AAAI 2023).

    paper     here                   shape
    o_cls     seen.pooled            (batch, dims)
    o_patch   seen.patches           (batch, patches, dims)
    z         labels.scored_texts    (labels, dims), unit length
    L_rank    `families/open_vocabulary/ranking_loss.py`
    L_dist    `families/open_vocabulary/task.py`

A baseline of C2SRT's and SigRL's tables. Its second stage is `prompts: {name: tuning, …}`.

Deviation: patches are projected by the model's own head (encoders/vlp/image_tower.py), as in the
authors' code; the paper speaks of a projection of their own. The paper adds both streams; as in the
code each is divided by its length over the labels of an image, and they are averaged
(`scores.normalise: call`). `none` compares unit vectors on a learned scale instead.
"""
