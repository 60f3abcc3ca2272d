"""The environment that says how to reach a language model, and where its key may be seen."""

import traceback

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm import endpoint
from pipeline_lib.knowledge.categories.llm.miner import MODE, gather, mode_of_environment
from pipeline_lib.progress import silent
from tests.knowledge.categories.llm.conftest import KEY, ask_about
from tests.knowledge.categories.llm.server import related


@pytest.mark.parametrize("fault", [(500, {}, KEY.encode()), (403, {}, f"bad {KEY}".encode())])
def test_the_key_is_in_no_error_and_no_file(server, script, store, fault, tmp_path):
    script.answer = lambda call: related("a", strength=f"High {KEY}")
    gather(ask_about("b"), store, "record", silent)
    script.faults = [fault] * 9
    with pytest.raises(InputError) as caught:
        gather(ask_about("a"), store, "record", silent)
    text = "".join(traceback.format_exception(caught.value))
    assert "***" in text
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any("***" in content for content in written)
    assert not any(KEY in content for content in [text, *written])
    assert KEY not in repr(endpoint.Access.from_environment())


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-ä"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(monkeypatch, key):
    monkeypatch.setenv(endpoint.URL, "http://localhost/v1")
    monkeypatch.setenv(endpoint.KEY, key)
    with pytest.raises(InputError, match="holds characters that no key has") as caught:
        endpoint.Access.from_environment()
    assert key not in str(caught.value)


def test_a_local_server_needs_no_key(server, script, store, monkeypatch):
    monkeypatch.delenv(endpoint.KEY)
    gather(ask_about("a"), store, "record", silent)
    assert script.calls[0].key is None


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        (endpoint.URL, "", r"PROTOWEAVE_LLM_URL is not set, expected the address of an endpoint"),
        (endpoint.URL, "localhost", r"PROTOWEAVE_LLM_URL is no http\(s\) address"),
        (
            endpoint.CONCURRENCY,
            "0",
            "PROTOWEAVE_LLM_CONCURRENCY='0': expected a number of at least 1",
        ),
        (endpoint.TIMEOUT, "long", "PROTOWEAVE_LLM_TIMEOUT='long': expected a number"),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(
    server, store, monkeypatch, variable, value, found
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=found):
        gather(ask_about("a"), store, "record", silent)


def test_the_mode_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv(MODE, raising=False)
    assert mode_of_environment() == "replay"
    monkeypatch.setenv(MODE, "record")
    assert mode_of_environment() == "record"
    monkeypatch.setenv(MODE, "ask")
    with pytest.raises(InputError, match="='ask': expected one of replay, record, refresh"):
        mode_of_environment()
