"""Sections that cluster: what a clusterer reads became a group by name."""

from pipeline_lib.project.migration.keys import Keys, group

VIGILANCE = {"fixed": (), "am": ("sigma",), "cm": ("delta",), "hi": ("sigma", "delta")}
KMEANS = ("n_clusters", "iterations", "seed")
ART = ("rho", "alpha", "beta", "epochs")


def migrate_clusterer(section: Keys) -> None:
    """Bring key ``algorithm`` into shape."""
    name, to = section.values["algorithm"], f"{section.where}.algorithm"
    if not isinstance(name, str):
        return
    place = section.place_of("algorithm")
    if name == "kmeans":
        found = group(name, section.take(KMEANS, to))
    else:
        found = group(name, section.take(ART, to), _art(section, to))
    unread = ("ties", "vigilance", "sigma", "delta", *ART, *KMEANS)
    section.drop(*unread, why=f"algorithm {name} reads none")
    del section.values["algorithm"]
    section.put("algorithm", found, place=place)
    if name != "kmeans":
        found.fa.set_block_style()


def _art(section: Keys, to: str) -> dict[str, object]:
    """Return what tells one Fuzzy ART from another; that of exemplars took samples as they are."""
    rule = section.values.get("vigilance", "fixed")
    section.take(("vigilance",), f"{to}.vigilance", {"vigilance": "name"})
    numbers = section.take(VIGILANCE[rule], f"{to}.vigilance")
    if "ties" not in section:
        return {"ties": "first", "shuffle": "none", "vigilance": group(rule, numbers)}
    told = section.take(("ties", "seed"), to, {"seed": "shuffle"})
    return {**told, "vigilance": group(rule, numbers)}
