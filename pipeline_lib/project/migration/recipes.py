"""Recipes: the optimiser and the schedule became groups by name; seeds belong to the run."""

from pipeline_lib.project.migration.keys import Keys, group

OF_STEP = {"decay": "factor", "decay_every": "every"}
OF_COSINE = ("warmup_epochs", "min_lr")


def migrate_recipe(holder: Keys, *, once: bool, augments: bool = True) -> None:
    """Bring the recipe of a section into shape; ``once`` says that it has one seed."""
    recipe = holder.inside("recipe")
    if not isinstance(recipe.values.get("optimizer"), str):
        return
    seeds, place = recipe.values.pop("seeds"), holder.place_of("recipe")
    key = "seed" if once else "seeds"
    holder.put(key, seeds[0] if once else seeds, place=place)
    holder.notes.append(f"{recipe.where}.seeds: moved to {holder.where}.{key}")
    _optimizer(recipe)
    _schedule(recipe)
    if not augments:
        recipe.drop("augment")


def _optimizer(recipe: Keys) -> None:
    name, to = recipe.values["optimizer"], f"{recipe.where}.optimizer"
    if name != "sgd":
        recipe.drop("momentum", why=f"{name} reads none")
    place = recipe.place_of("optimizer")
    numbers = recipe.take(("lr", "momentum", "weight_decay"), to)
    del recipe.values["optimizer"]
    recipe.put("optimizer", group(name, numbers), place=place)


def _schedule(recipe: Keys) -> None:
    name, to = recipe.values["schedule"], f"{recipe.where}.schedule"
    place = recipe.place_of("schedule")
    if name == "step":
        recipe.drop(*OF_COSINE, why="schedule step has none")
        numbers = recipe.take(OF_STEP, to, OF_STEP)
    else:
        recipe.drop(*OF_STEP, why=f"schedule {name} reads none")
        numbers = {"warmup_epochs": 0, "min_lr": 0.0} | recipe.take(OF_COSINE, to)
    del recipe.values["schedule"]
    recipe.put("schedule", group(name, numbers), place=place)
