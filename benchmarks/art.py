"""Measure Fuzzy ART against artlib, FAISS's k-means and scikit-learn's MiniBatchKMeans.

    python -m benchmarks.art [--quick] [--data DIR] [--table docs/art_table.md]

``--data`` names a folder with the Parquet files and weights of ``benchmarks/inputs.py``; without it
features of photos are not among what is clustered.

The last line is JSON: each ``vs_`` is a peer's time divided by ours, medians of one run in turns,
at 10,000 samples of 512 dimensions; the k-means have as many centroids as Fuzzy ART found
categories.
"""

import json
import platform
import time
from pathlib import Path
from typing import Annotated

import numba
import numpy as np
import typer

from benchmarks.contenders import PEERS, Timed, compare, ours
from benchmarks.inputs import CENTRES, PHOTO_RHO, PHOTOS, RHO, mixture, photos
from benchmarks.machine import commit, processor
from benchmarks.memory import peak_over_input
from pipeline_lib.clustering.fuzzy_art.box_distance import supported
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.fuzzy_art.run import threads_of

HEAD = (
    "| samples | dimensions | clusters | ours, 1 thread | ours, {} threads | artlib | artlib C++ "
)
HEAD += "| FAISS k-means | MiniBatchKMeans | identical |"


def row(name: str, dimensions: int, timed: Timed) -> str:
    """Return a line of the table: seconds, and ratios to ours."""
    cells = [name, str(dimensions), str(timed.clusters)]
    cells += [f"{1e3 * timed.median(n):.1f} ms" for n in ("ours_1", "ours")]
    for peer in PEERS:
        ran = peer in timed.seconds
        cells.append(f"{timed.median(peer):.3g} s ({timed.ratio(peer):.3g} ×)" if ran else "–")
    return f"| {' | '.join([*cells, 'yes' if timed.identical else 'NO'])} |"


def heading(threads: int) -> list[str]:
    """Return the table's first two lines."""
    head = HEAD.format(threads)
    return [head, "|" + "--:|" * (head.count("|") - 1)]


def machine() -> str:
    """Return the processor, its cores and instructions, and the commit."""
    return (
        f"{processor()}, {threads_of(None)} cores, {8 * supported()[0]}-bit "
        f"instructions, Python {platform.python_version()}, numba {numba.__version__}, commit "
        f"{commit()}"
    )


def seconds_of(X: np.ndarray, rho: float, rounds: int = 3) -> tuple[float, int]:
    """Return the median seconds of a fit on all threads, and its categories."""
    taken, clusters = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        clusters = ours(X, rho, threads_of(None)).n_clusters_
        taken.append(time.perf_counter() - began)
    return float(np.median(taken)), clusters


def growth(sizes: list[tuple[int, int]]) -> list[str]:
    """Return a table of time per sample and category, for (samples, centres) of 128 dimensions."""
    lines = ["| samples | clusters | seconds | ns per sample and cluster |", "|--:|--:|--:|--:|"]
    for samples, centres in sizes:
        X = mixture(samples, 128, centres)
        seconds, clusters = seconds_of(X, RHO)
        each = 1e9 * seconds / samples / clusters
        lines.append(f"| {samples:,} | {clusters} | {seconds:.3f} | {each:.2f} |")
        print(lines[-1], flush=True)
    return lines


def family(X: np.ndarray) -> list[str]:
    """Return a table of the adaptive vigilances' time and categories."""
    lines = ["| vigilance | clusters | seconds |", "|---|--:|--:|"]
    for vigilance in ("fixed", "am", "cm", "hi"):
        taken = []
        for _ in range(4):  # the first compiles
            began = time.perf_counter()
            model = FuzzyART(RHO, vigilance=vigilance).fit(X)
            taken.append(time.perf_counter() - began)
        lines.append(f"| {vigilance} | {model.n_clusters_} | {np.median(taken[1:]):.3f} |")
        print(lines[-1], flush=True)
    return lines


def everything(data: Path | None, threads: int, main: Timed) -> list[str]:
    """Return the whole report in Markdown."""
    report = [f"Measured on {machine()}.", "", *heading(threads)]
    print("\n".join(report), flush=True)
    for samples in (2_000, 10_000, 50_000):
        for dimensions in (128, 512):
            if (samples, dimensions) == (10_000, 512):
                timed = main
            else:
                timed = compare(
                    mixture(samples, dimensions), RHO, rounds=3, slow_rounds=1, threads=threads,
                )  # fmt: skip
            report.append(row(f"{samples:,}", dimensions, timed))
            print(report[-1], flush=True)
    for name in PHOTOS:
        X = photos(name, data)
        if isinstance(X, str):
            print(f"{name}: skipped: {X}", flush=True)
            report += ["", f"{name}: skipped: {X}"]
            continue
        timed = compare(X, PHOTO_RHO[name], rounds=3, slow_rounds=1, threads=threads)
        report.append(row(f"{name} {len(X):,}", X.shape[1], timed))
        print(report[-1], flush=True)
    sizes = [(n, CENTRES) for n in (12_500, 25_000, 50_000, 100_000, 200_000)]
    report += ["", "Growth with the number of samples, 128 dimensions:", "", *growth(sizes)]
    sizes = [(20_000, k) for k in (50, 100, 200, 400, 800, 1_600, 3_200)]
    report += ["", "Growth with the number of categories, 128 dimensions:", "", *growth(sizes)]
    report += ["", "Adaptive vigilance, 10,000 × 512:", "", *family(mixture(10_000, 512))]
    return report


def main(
    quick: Annotated[bool, typer.Option(help="10,000 × 512 only, within 50 s.")] = False,
    data: Annotated[Path | None, typer.Option(help="Photos and weights to cluster too.")] = None,
    table: Annotated[Path | None, typer.Option(help="Where the tables go.")] = None,
) -> None:
    """Print what was measured, and last a line of JSON."""
    threads = threads_of(None)
    X = mixture(10_000, 512)
    ours(X[:200], RHO, threads)  # compiles
    timed = compare(
        X, RHO, rounds=5, slow_rounds=2, threads=threads,
        seconds=8 if quick else 1e9,
    )  # fmt: skip
    if quick:
        print("\n".join([machine(), *heading(threads), row("10,000", 512, timed)]))
    else:
        report = everything(data, threads, timed)
        if table:
            table.write_text("\n".join(report) + "\n")
    result = {f"vs_{peer}": round(timed.ratio(peer), 2) for peer in PEERS}
    result |= {"labels_identical": timed.identical}
    result |= {"peak_over_input": round(peak_over_input(X, RHO, threads), 3)}
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
