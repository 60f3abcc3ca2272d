"""Measure what makes open vocabularies cheap, against the equations as printed and against peers.

    python -m benchmarks.open_vocabulary [--quick]

The last line is JSON:

* ``sigrl_memory_growth``: peak memory of our SDA and VFR (forward, backward) at 925 classes,
  divided by that at 81; 8 images, 196 patches, 512 dimensions. Smaller is better, 1 is constant;
* ``sigrl_memory_vs_naive``, ``sigrl_time_vs_naive``: the printed form's, divided by ours;
* ``prompt_memory_growth``: peak memory of a step of prompt tuning (text tower of CLIP ViT-B/16) at
  Open Images' 7,186 names (``--quick``: 925) divided by that at 81;
* ``ranking_loss_vs_dense``: seconds of all pairs, divided by ours, at 1006 classes and 32 images;
* ``gatv2_time_vs_pyg``, ``gatv2_memory_vs_pyg``: PyTorch Geometric's, divided by ours;
* ``max_abs_error``: the largest difference to the oracles, float64, of values and gradients.

Seconds are medians of forward and backward passes in turns, on one thread of a CPU, as training
runs (docs/architecture.md), or on a GPU. Memory is beyond the inputs. ``--quick`` times a smaller
step and fewer graphs; its peaks are those of the full size.
"""

import json
import os
import time
from dataclasses import replace
from functools import partial
from typing import Annotated

import torch
import typer

from benchmarks import naive, prompt_memory
from benchmarks.agreement import errors
from benchmarks.graph_attention import Rivals
from benchmarks.machine import commit, load, processor
from benchmarks.peak import cuda_peak, process_growth, tracked
from benchmarks.sigrl_step import Size, inputs, step
from benchmarks.turns import in_turns
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.methods.sigrl.class_chunks import classes_at_a_time

CLASSES = (81, 925, 4096)
NAMES = (81, 925, 7186)  # of NUS-WIDE and Open Images
FULL = Size(batch=8, classes=925, dims=512)  # classes of NUS-WIDE, patches of ViT-B/16
CHECKED = Size(batch=4, classes=64, dims=256)  # of the instrument: fits any machine
GIB = 2**30


def check_instrument(device: str) -> None:
    """Print the tracked peak beside what the machine counts, at a size that fits."""
    for dense, chunk in [(False, 16), (True, 0)]:
        tensors = inputs(CHECKED, device)
        work = partial(step, tensors, dense=dense, chunk=chunk)
        step(inputs(replace(CHECKED, classes=3), device), dense=dense)  # loads libraries
        counted = cuda_peak(work) if device == "cuda" else process_growth(work)
        seen = tracked(partial(step, inputs(CHECKED, "meta"), dense=dense, chunk=chunk))
        found = "cannot be read here" if counted is None else f"{counted / 2**20:.0f} MiB"
        print(
            f"check of the instrument, {CHECKED}, {'naive' if dense else 'ours'}: "
            f"tracked {seen / 2**20:.0f} MiB, {'allocator' if device == 'cuda' else 'process'} "
            f"{found}",
            flush=True,
        )


def memory(device: str) -> dict[int, dict[str, int]]:
    """Return and print the peaks of the step at the paper's size, for each number of classes."""
    found: dict[int, dict[str, int]] = {}
    print("\n| classes | naive | ours | naive / ours | measured by |\n|--:|--:|--:|--:|---|")
    for classes in CLASSES:
        size = replace(FULL, classes=classes)
        peaks, source = {}, {}
        for name in ("naive", "ours"):
            work = partial(step, dense=name == "naive")
            real = cuda_peak(partial(work, inputs(size, device))) if device == "cuda" else None
            source[name] = "tracker" if real is None else "CUDA's allocator"
            peaks[name] = real or tracked(partial(work, inputs(size, "meta")))
        found[classes] = peaks
        print(
            f"| {classes} | {peaks['naive'] / GIB:.2f} GiB | {peaks['ours'] / GIB:.3f} GiB | "
            f"{peaks['naive'] / peaks['ours']:.1f} | {source['naive']}, {source['ours']} |",
            flush=True,
        )
    return found


def tuning(names: tuple[int, ...]) -> float:
    """Print the peaks of a step of prompt tuning; return the last number's by the first's."""
    print("\n| names, a tuned prompt around each | all kept | ours |\n|--:|--:|--:|")
    found = [prompt_memory.peaks(count) for count in names]
    for count, each in zip(names, found, strict=True):
        cells = f"{each['naive'] / GIB:.2f} GiB | {each['ours'] / GIB:.2f} GiB"
        print(f"| {count} | {cells} |", flush=True)
    return found[-1]["ours"] / found[0]["ours"]


def step_time(sizes: list[Size], device: str, *, rounds: int, seconds: float) -> float:
    """Print seconds of the step at some sizes; return naive / ours at the last where both run."""
    print("\n| SigRL step | naive | ours | naive / ours |\n|---|--:|--:|--:|")
    # as many at a time as the automatic choice takes at the paper's size, of smaller ones
    whole = torch.empty(FULL.batch, FULL.patches, FULL.dims, device="meta")
    chunk, ratio = classes_at_a_time(whole, FULL.classes, 0), float("nan")
    for size in sizes:
        tensors = inputs(size, device)
        needed = tracked(partial(step, inputs(size, "meta"), dense=True))
        rivals = ("naive", "ours") if needed < room(device) else ("ours",)
        runs = {n: partial(step, tensors, dense=n == "naive", chunk=chunk) for n in rivals}
        taken = in_turns(runs, rounds=rounds, seconds=seconds)
        cells = [f"does not fit, {needed / GIB:.0f} GiB", f"{taken['ours']:.2f} s", "–"]
        if "naive" in taken:
            ratio = taken["naive"] / taken["ours"]
            cells = [f"{taken['naive']:.2f} s", cells[1], f"{ratio:.2f}"]
        print(f"| {size} | {' | '.join(cells)} |", flush=True)
    return ratio


def room(device: str) -> float:
    """Return the bytes that a rival may take: half of the memory, which others may use too."""
    if device == "cuda":
        return torch.cuda.get_device_properties(0).total_memory / 2
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2


def ranking(device: str) -> float:
    """Print and return the seconds of all pairs divided by ours."""
    rng = torch.Generator().manual_seed(0)
    scores = torch.randn(32, 1006, generator=rng).to(device).requires_grad_()
    targets = (torch.rand(32, 1006, generator=rng) < 0.01).to(device)
    losses = {
        "dense": lambda: naive.pairwise_hinge_dense(scores, targets, 1.0),
        "ours": lambda: pairwise_hinge(scores, targets, margin=1.0),
    }
    runs = {k: lambda loss=v: torch.autograd.grad(loss(), scores) for k, v in losses.items()}
    runs["ours"]()
    taken = in_turns(runs, rounds=5)
    ratio = taken["dense"] / taken["ours"]
    print(
        f"\nranking loss, 1006 classes, 32 images: dense {1e3 * taken['dense']:.1f} ms, "
        f"ours {1e3 * taken['ours']:.2f} ms, {ratio:.1f} ×",
        flush=True,
    )
    return ratio


def graph_attention(
    sizes: list[tuple[int, int, int | None]], device: str, *, rounds: int, seconds: float
) -> tuple[float, float]:
    """Print seconds and peaks for (graphs, nodes, neighbours); return the first's ratios."""
    print(
        "\n| GATv2 512 → 4 × 128 | PyG | ours | PyG / ours | PyG | ours | PyG / ours |"
        "\n|---|--:|--:|--:|--:|--:|--:|"
    )
    ratios = []
    for graphs, nodes, most in sizes:
        rivals = Rivals((graphs, nodes, 512), most, heads=4, out=128, device=device)
        runs = {"pyg": rivals.run_pyg, "ours": rivals.run_ours}
        peaks = {k: (cuda_peak if device == "cuda" else tracked)(v) or 0 for k, v in runs.items()}
        taken = in_turns(runs, rounds=rounds, seconds=seconds)
        ratios.append((taken["pyg"] / taken["ours"], peaks["pyg"] / peaks["ours"]))
        print(
            f"| {graphs} × {nodes} nodes, {most or 'all'} neighbours | {taken['pyg']:.2f} s | "
            f"{taken['ours']:.2f} s | {ratios[-1][0]:.2f} | {peaks['pyg'] / GIB:.2f} GiB | "
            f"{peaks['ours'] / GIB:.2f} GiB | {ratios[-1][1]:.2f} |",
            flush=True,
        )
    return ratios[0]


def main(
    quick: Annotated[bool, typer.Option(help="Smaller sizes of what takes time; 50 s.")] = False,
) -> None:
    """Print what was measured, and last a line of JSON."""
    began = time.perf_counter()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(1)
    print(
        f"{torch.cuda.get_device_name() if device == 'cuda' else processor()}, {load()}, "
        f"1 thread, PyTorch {torch.__version__}, commit {commit()}"
    )
    check_instrument(device)
    peaks = memory(device)
    tuning_growth = tuning(NAMES[:2] if quick else NAMES)
    sizes = [Size(2, 200, 256)] if quick else [Size(1, c, 512) for c in CLASSES]
    time_ratio = step_time(sizes, device, rounds=3, seconds=6 if quick else 60)
    ranking_ratio = ranking(device)
    graphs = [(2, 925, 16)] if quick else [(8, 925, 16), (1, 400, None)]
    gat_time, gat_memory = graph_attention(graphs, device, rounds=3, seconds=4 if quick else 60)
    differences = errors()
    print("\nfloat64 errors: " + ", ".join(f"{k} {v:.1e}" for k, v in differences.items()))
    print(f"{time.perf_counter() - began:.0f} s, {load()}")
    result = {
        "sigrl_memory_growth": round(peaks[925]["ours"] / peaks[81]["ours"], 3),
        "sigrl_memory_vs_naive": round(peaks[925]["naive"] / peaks[925]["ours"], 1),
        "sigrl_time_vs_naive": round(time_ratio, 2),
        "prompt_memory_growth": round(tuning_growth, 3),
        "ranking_loss_vs_dense": round(ranking_ratio, 1),
        "gatv2_time_vs_pyg": round(gat_time, 2),
        "gatv2_memory_vs_pyg": round(gat_memory, 2),
        "max_abs_error": max(differences.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
