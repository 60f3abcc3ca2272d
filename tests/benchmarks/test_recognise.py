"""A run's scores are measured against the raw pass of its backbone."""

import re

from benchmarks import recognise
from pipeline_lib.params.maps import Maps


def test_both_kinds_of_runs_are_measured(monkeypatch, capsys):
    sections = recognise.MAPS.model_dump()
    small = sections["backbone"] | {"model": "test_resnet", "image_size": 32}
    monkeypatch.setattr(recognise, "MAPS", Maps.model_validate(sections | {"backbone": small}))
    for name, value in {"MODEL": "test_resnet", "SIZE": 32, "PICTURES": 40, "ROUNDS": 1}.items():
        monkeypatch.setattr(recognise, name, value)
    recognise.main()
    rows = re.findall(r"^(.*?) +[\d.]+ pictures/s, [\d.]+ of raw$", capsys.readouterr().out, re.M)
    assert rows == ["raw", "a run on images", "a run on maps"]
