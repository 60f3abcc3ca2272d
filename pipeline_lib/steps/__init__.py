"""What each stage does: a module or package of the stage's name, which its script calls."""
