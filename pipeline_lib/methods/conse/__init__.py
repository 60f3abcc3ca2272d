"""ConSE: zero-shot recognition by convex combination of semantic embeddings.

Norouzi et al., ICLR 2014, arXiv 1312.5650.

    paper            here                         shape
    p_0(y | x)       the trunk's own classifier   (batch, classes)
    f(x), Eq. 4      `families/open_vocabulary/class_mixture.py`
    cos(f(x), s(y))  head.cosine                  (batch, labels)

Nothing is trained: what every model that saw captions has to beat, where its trunk was trained on
classes with names.

Deviation: names are embedded by the model's text tower, averaged over prompts; the paper takes word
vectors. The joint space costs nothing against that of sentences: 44.5 and 44.3 mAP on COCO's names.
Deviation: `weighting: root` weighs by √p, since a network for one class an image leaves what else
there is to small probabilities (44.5 against 40.2 by p, of 50 classes).
"""
