"""CSRMS: class-level structural relation modelling and smoothing (Chen et al., MM 2023).

    paper               here                       shape
    M_v(I)              features                   (batch, dims), the encoder's output
    Ω_posi, Ω_nega      positives, negatives       (train, n), (train, m): positions
    F_g                 smoothed                   (batch, dims), Eqs. 9-10
    w_cu, p_ca          cluster / class prototype  (classes, dims)
    F_u, F_a            aligned                    (batch, dims), Eqs. 11-12
    θ                   THETA                      1
    λ_e, λ_m, λ_h       Curriculum.weights         per difficulty

The offline part (clusters, relations, sampling) is in `pipeline_lib/knowledge/relations`;
README.md beside this file maps every equation to its function and lists every deviation.
"""
