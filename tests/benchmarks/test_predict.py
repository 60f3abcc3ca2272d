"""The benchmark of predicting, on a few pictures and a small model."""

from benchmarks.predict import measure


def test_every_rival_predicts_every_picture(tmp_path):
    found = measure(tmp_path, "test_resnet", size=32, pictures=40, side=48, rounds=1)
    assert found["per_second"].keys() == {"predict", "timm with decoding", "timm forward"}
    assert all(rate > 0 for rate in found["per_second"].values())
    assert found["ratios"].keys() == {"timm with decoding", "timm forward"}
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 41
