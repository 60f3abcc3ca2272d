"""Methods on images and maps: choices became groups by name, modules that are off `none`."""

from pipeline_lib.project.migration.keys import Keys, group
from pipeline_lib.settings.markers import NONE

CURRICULUM = {"none": (), "linear": ("alpha_i", "alpha_f", "until")}
CONVERGED = ("alpha_i", "alpha_f", "step", "tolerance")


def migrate_csrms(section: Keys) -> None:
    """Bring smoothing, alignment and curriculum into shape."""
    _smoothing(section)
    if section.values["alignment"]["prototype"] == "none":
        section.drop("alignment", why="prototypes are not mixed in: it is none")
        section.put("alignment", NONE)
    pace = section.inside("curriculum")
    name = pace.values.pop("pace")
    pace.notes.append(f"{pace.where}.pace: moved to {pace.where}.name")
    read = CURRICULUM.get(name, CONVERGED)
    pace.drop(*(key for key in list(pace.values) if key not in read), why=f"pace {name} reads none")
    section.put("curriculum", group(name, pace.values))


def migrate_dlsa(section: Keys) -> None:
    """Bring labels, prior, decoupling and reasoning into shape."""
    uses, where, place = section.values["modules"], section.where, section.place_of("modules")
    prior = section.inside("prior")
    labels = section.take(("width",), f"{where}.labels")
    labels.update(prior.take(("hidden", "slope"), f"{where}.labels"))
    decoupling = section.take(("normalise", "head"), f"{where}.decoupling")
    thinned = prior.take(("tau", "p"), f"{prior.where}.reweight")
    if prior.values["reweight"] == "ml_gcn":
        prior.put("reweight", group(None, thinned))
    groups = {"decoupling": group(None, decoupling), "labels": group(None, labels)}
    on = {**uses, "labels": uses["prior"] or uses["decoupling"]}
    for name in ("prior", "reasoning"):
        if not on[name]:
            section.put(name, NONE)
    for name, found in groups.items():
        section.put(name, found if on[name] else NONE, place=place)
    section.drop("modules", why="a module that is off is none")


def _smoothing(section: Keys) -> None:
    smoothing, weights = section.inside("smoothing"), section.inside("weights")
    name, to = smoothing.values.pop("kind"), smoothing.where
    smoothing.notes.append(f"{to}.kind: moved to {to}.name")
    parts: list[dict[str, object]] = []
    if name == "gcn":
        topology = smoothing.values.pop("topology")
        smoothing.notes.append(f"{to}.topology: moved to {to}.topology.name")
        own = smoothing.take(("k",), f"{to}.topology") if topology == "knn" else {}
        parts = [{"topology": group(topology, own)}, smoothing.take(("hidden",), to)]
    if name == "js_loss":
        parts = [weights.take(("js",), to, {"js": "weight"})]
    weights.drop("js", why=f"smoothing {name} reads none")
    smoothing.drop(*list(smoothing.values), why=f"smoothing {name} reads none")
    section.put("smoothing", group(name, *parts))
