"""CLIP, zero-shot: a vision-language model as it is (Radford et al., ICML 2021).

    paper   here                   shape
    I_f     seen.pooled            (batch, dims)
    T_f     labels.scored_texts    (labels, dims), unit length
    t       head.cosine.log_scale  scalar

Nothing is trained: a baseline of C2SRT's and SigRL's tables, and the first row of C2SRT's Table 3.
Code: `families/open_vocabulary/zero_shot.py`.
"""
