"""Training under trackers, which see every epoch and change nothing."""

import sys

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.training.loop import train
from pipeline_lib.training.trackers import FOLDER, TRACKERS, URI, wanted
from tests.training.toy import SAMPLES, Toy, outcome, recipe, run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "tracking"))
    return tmp_path / "tracking"


def trained():
    task = Toy()
    history = train(task, SAMPLES, recipe(epochs=3), seed=0, run=run())
    return history, {name: array.tobytes() for name, array in outcome(task, history).items()}


def test_tensorboard_shows_every_epoch_and_the_result_keeps_its_bits(folder, monkeypatch):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history, plain = trained()
    assert not folder.exists()
    monkeypatch.setenv(TRACKERS, "tensorboard")
    assert trained() == (history, plain)
    (own,) = (path for path in folder.iterdir() if path.is_dir())
    events = EventAccumulator(str(own))
    events.Reload()
    losses = [(event.step, event.value) for event in events.Scalars("loss")]
    assert losses == [(e, pytest.approx(history[e]["loss"], rel=1e-6)) for e in range(3)]


def test_mlflow_keeps_a_run_for_each_training_with_its_settings(folder, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv(TRACKERS, "mlflow")
    monkeypatch.setenv(URI, f"file:{folder}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    history, _ = trained()
    client = mlflow.MlflowClient(tracking_uri=f"file:{folder}/mlruns")
    (experiment,) = client.search_experiments(filter_string="name = 'protoweave'")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.run_name == run().label
    assert found.info.status == "FINISHED"
    assert found.data.params["epochs"] == "3"
    assert found.data.params["seed"] == "0"
    kept = client.get_metric_history(found.info.run_id, "loss")
    assert [(one.step, one.value) for one in kept] == [
        (epoch, history[epoch]["loss"]) for epoch in range(3)
    ]


def test_without_the_variable_nothing_is_followed(monkeypatch):
    monkeypatch.delenv(TRACKERS, raising=False)
    assert wanted() == []
    monkeypatch.setenv(TRACKERS, " , ")
    assert wanted() == []


def test_an_unknown_tracker_is_refused(monkeypatch):
    monkeypatch.setenv(TRACKERS, "tensorbord")
    with pytest.raises(InputError, match=r"unknown 'tensorbord', expected one of .*'tensorboard'"):
        wanted()


def test_a_tracker_that_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setenv(TRACKERS, "mlflow")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setattr("pipeline_lib.training.trackers.get_available_trackers", list)
    with pytest.raises(InputError, match=r"'mlflow' is not installed.*pip install mlflow-skinny"):
        wanted()


def test_mlflow_must_be_told_where_to_write(monkeypatch):
    pytest.importorskip("mlflow")
    monkeypatch.setenv(TRACKERS, "mlflow")
    monkeypatch.delenv(URI, raising=False)
    with pytest.raises(InputError, match=f"not told where to write, expected {URI}"):
        wanted()
