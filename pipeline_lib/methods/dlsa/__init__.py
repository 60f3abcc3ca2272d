"""DLSA: recognition driven by label-image semantic alignment (Chen, Wu, Chu).

    paper       here           shape
    F           maps           (batch, dims, height, width), the trunk's output
    M, M̂        relations      (relations, labels, labels), Eq. 1, row-normalised
    E           embeddings     (labels, words)
    E²          guides         (labels, dims), Eq. 2
    m_c         attention      (batch, labels, height, width), Sec. 3.3
    v_c         vectors        (batch, labels, dims), Eqs. 3 and 6
    Y           logits         (batch, labels), Eq. 7

README.md beside this file maps every equation to its function and lists every deviation.
"""
