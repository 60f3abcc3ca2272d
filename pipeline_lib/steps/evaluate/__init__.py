"""Judge the scores of a run against labels that its training never saw."""
