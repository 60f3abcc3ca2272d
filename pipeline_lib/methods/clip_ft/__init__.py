"""CLIP-FT: the image tower of a vision-language model, fine-tuned by the ranking loss.

    paper             here                   shape
    f_G               seen.pooled            (batch, dims)
    f_txt             labels.scored_texts    (labels, dims), unit length
    L_cls (Eq. 11)    `families/open_vocabulary/ranking_loss.py`

A baseline of MKT's and SigRL's tables: no patches, no graph; `distillation` above 0 makes it the
second row of C2SRT's Table 3.
"""
