"""SPARC: score prompting and adaptive fusion for zero-shot multi-label recognition.

Miller et al., CVPR 2025, arXiv 2502.16911.

    paper                                here                          shape
    scores of singleton prompts          singles                       (batch, labels)
    scores of compound prompts           compounds                     (batch, labels, most)
    debiased per image, then per prompt  SparcHead.standardised        z-scores
    k-th highest compound score          ranked                        (batch, labels, most + 1)
    first principal component            direction                     (most + 1), sum of |·| = 1

A model is taken as it is. Labels are also asked for together with others that occur with them ("A
photo of a dog and a leash"); compound scores are sorted, since the highest of them may be proof
("and") or speak of the other alone ("or"), fused, and averaged with the label's own.

Deviation: means, deviations and the component are those of the training images, whose labels nobody
looks at; the paper's are those of the images that are judged, of which one picture has none.
Deviation: an image is standardised over the seen names, whichever are asked, by the scores of its
`prompts`; the paper's compounds by those of bare names. Deviation: one component for all labels,
since a new name has no images; the paper has one for each. Deviation: compounds are pairs with what
the category graph lists; the paper asks a language model for sentences of two names or three.
"""
