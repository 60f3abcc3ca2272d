"""Methods that start from a vision-language model: prompts and losses became groups by name."""

from pipeline_lib.project.migration.keys import Keys, group
from pipeline_lib.settings.markers import NONE

LOSS = {  # what each loss for single positives reads, beside its scale
    "an_ls": ("smoothing",),
    "epr": ("positives",),
    "role": ("positives", "spread", "known"),
    "em": ("alpha",),
    "em_apl": ("alpha", "beta", "share", "warmup_epochs"),
}
OF_SCALE = ("start", "shift", "lr_factor")


def migrate_open(section: Keys) -> None:
    """Bring what these methods share into shape."""
    _prompts(section)
    _loss(section)


def add_choices(section: Keys, method: str) -> None:
    """Say of a method what it did before that could be chosen: with scores, pairs and epochs.

    MKT compared unit vectors then, and only SigRL normalised.
    """
    if "scores" not in section:
        how = "call" if method == "sigrl" else "none"
        section.put("scores", group(None, {"normalise": how}), place=section.place_of("loss"))
        section.notes.append(f"{section.where}.scores: added, {how} as it was")
    if "select" not in section and "distillation" in section:
        section.put("select", "last", place=section.place_of("distillation") + 1)
        section.notes.append(f"{section.where}.select: added, last as it was")
    loss = section.values["loss"]
    if loss["name"] == "ranking" and "pairs" not in loss:
        loss["pairs"] = "all"
        section.notes.append(f"{section.where}.loss.pairs: added, all as it was")


def migrate_clip(section: Keys) -> None:
    """Drop what a model that is taken as it is does not read."""
    migrate_open(section)
    recipe = section.inside("recipe")
    place = section.place_of("recipe")
    moved = recipe.take(("seeds", "batch_size"), section.where)
    section.drop("recipe", "student", "distillation", why="clip trains nothing")
    for key in ("batch_size", "seeds"):
        section.put(key, moved[key], place=place)


def migrate_c2srt(section: Keys) -> None:
    """Let `none` stand for a module that is off."""
    migrate_open(section)
    modules = section.inside("modules")
    for name in ("isr", "ist"):
        if not modules.values.pop(name):
            section.put(name, NONE)
        modules.notes.append(f"{modules.where}.{name}: is now {section.where}.{name}, or none")
    learns = modules.values["distillation"]
    section.drop("modules", why="that is method c2srt" if learns else "that row is method clip")


def migrate_sigrl(section: Keys) -> None:
    """Let each module have what it reads, or be `none`."""
    migrate_open(section)
    uses, where, place = section.values["modules"], section.where, section.place_of("modules")
    decoupling = section.take(("chunk", "kernel"), f"{where}.decoupling")
    reconstruction = section.take(("map",), f"{where}.reconstruction")
    groups = {"decoupling": decoupling, "reconstruction": reconstruction}
    if not uses["correlation"]:
        section.put("correlation", NONE)
    for name in ("reconstruction", "decoupling"):
        section.put(name, group(None, groups[name]) if uses[name] else NONE, place=place)
    section.drop("modules", why="a module that is off is none")


def _prompts(section: Keys) -> None:
    prompts = section.inside("prompts")
    mode, numbers = prompts.values["mode"], {}
    prompts.notes.append(f"{prompts.where}.mode: moved to {prompts.where}.name")
    if mode == "tuning":
        numbers = {key: prompts.values[key] for key in ("epochs", "lr")}
    else:
        prompts.drop("epochs", "lr", why=f"prompts that are {mode} are not trained")
    section.put("prompts", group(mode, numbers))


def _loss(section: Keys) -> None:
    name, to = section.values["loss"], f"{section.where}.loss"
    own, place = section.inside("single_positive"), section.place_of("loss")
    if name == "ranking":
        found = group(name, section.take(("margin",), to))
    else:
        section.drop("margin", why=f"loss {name} reads none")
        numbers = own.take(LOSS.get(name, ()), to)
        if name == "role":
            numbers["lr_factor"] = own.values["lr_factor"]
        found = group(name, {"scale": _scale(own, to)}, numbers)
    own.drop(*list(own.values), why=f"loss {name} reads none")
    del section.values["single_positive"], section.values["loss"]
    section.put("loss", found, place=place)


def _scale(own: Keys, to: str) -> object:
    kind = own.values["scale"]
    own.notes.append(f"{own.where}.scale: moved to {to}.scale.name")
    del own.values["scale"]
    return group(kind, own.take(OF_SCALE, f"{to}.scale") if kind == "learned" else {})
