"""ML-GCN: recognition with graph convolutional networks (Chen et al., CVPR 2019).

    paper       here           shape
    x           pooled         (batch, dims), Eq. 1
    A'          relations      (1, labels, labels), Eqs. 7 and 8
    W           classifiers    (labels, dims), Eq. 5's graph convolutions of word vectors

A peer of DLSA, in none of its tables. Layers: `families/dense_head/label_graph.py`.
"""
