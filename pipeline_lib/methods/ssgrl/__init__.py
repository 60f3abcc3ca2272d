"""SSGRL: semantic-specific graph representation learning (Chen et al., ICCV 2019).

    paper       here           shape
    f           maps           (batch, dims, height, width)
    x_c         embeddings     (labels, words)
    a_c         attention      (batch, labels, height, width), Eqs. 2-4, summing to 1
    f_c         vectors        (batch, labels, dims), Eq. 5
    h_c         states         (batch, labels, dims), Eq. 6
    o_c         outputs        (batch, labels, outputs), Eq. 7

A baseline of DLSA's tables. Layers: `bilinear_attention.py`, `gated_graph.py`.
"""
