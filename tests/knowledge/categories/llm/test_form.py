"""Servers that take other parameters than those we send, as real ones say it."""

import json

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm.form import Form, named
from pipeline_lib.knowledge.categories.llm.miner import gather
from pipeline_lib.progress import silent
from tests.knowledge.categories.llm.conftest import ask_about
from tests.knowledge.categories.llm.server import related


def openai(message: str, param: str | None) -> str:
    return json.dumps({"error": {"message": message, "param": param, "code": "unsupported"}})


LIMIT = openai(
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
    "'max_completion_tokens' instead.",
    "max_tokens",
)
TEMPERATURE = openai(
    "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) "
    "value is supported.",
    "temperature",
)
FORMAT = openai("Invalid parameter: 'response_format' of type 'json_schema' …", "response_format")
EXTRA = json.dumps(
    {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_tokens"], "input": 100,
                 "msg": "Extra inputs are not permitted", "url": "…/temperature"}]}
)  # fmt: skip
UNKNOWN = (
    "unknown field `max_tokens`, expected one of `model`, `max_completion_tokens`, `temperature`, "
    "`response_format`"
)
SEQUENCE = {"temperature", "max_tokens", "response_format"}


def sent(script) -> list[set[str]]:
    """The parameters of every call, but model and messages."""
    return [set(call.body) - {"model", "messages"} for call in script.calls]


def ask(store, count=3):
    return gather(ask_about("abcdef"[:count]), store, "record", silent)


@pytest.mark.parametrize("complaint", [LIMIT, EXTRA, UNKNOWN, "Unrecognized argument: max_tokens"])
def test_a_limit_of_another_name_is_asked_for_by_that_name(server, script, store, complaint):
    script.refuses = lambda body: complaint if "max_tokens" in body else None
    script.answer = lambda call: related("a")
    assert ask(store, 1) == []
    assert sent(script) == [SEQUENCE, SEQUENCE - {"max_tokens"} | {"max_completion_tokens"}]
    assert script.calls[-1].body["max_completion_tokens"] == 100
    assert script.calls[-1].body["temperature"] == 0.5


def test_a_model_without_another_temperature_is_asked_without_one(server, script, store):
    script.refuses = lambda body: TEMPERATURE if "temperature" in body else None
    script.answer = lambda call: related("a")
    (remark,) = ask(store, 1)
    assert "no temperature (category_graph.llm.temperature): the model's own holds" in remark
    assert sent(script) == [SEQUENCE, SEQUENCE - {"temperature"}]


def test_a_reasoning_model_takes_neither_and_is_told_once(server, script, store, monkeypatch):
    monkeypatch.setenv("PROTOWEAVE_LLM_CONCURRENCY", "1")
    script.refuses = lambda body: (
        LIMIT if "max_tokens" in body else TEMPERATURE if "temperature" in body else None
    )
    script.answer = lambda call: related("a", "b")
    assert len(ask(store)) == 1
    assert len(script.calls) == 3 + 2  # three answers, two refusals
    assert sent(script)[2:] == [{"max_completion_tokens", "response_format"}] * 3


def test_a_server_that_takes_no_limit_by_any_name_is_asked_without(server, script, store):
    script.refuses = lambda body: next(
        (f"unknown field {key}" for key in body if key.startswith("max_")), None
    )
    script.answer = lambda call: related("a")
    (remark,) = ask(store, 1)
    assert "no limit of an answer (category_graph.llm.max_tokens): none holds" in remark
    assert sent(script)[-1] == {"temperature", "response_format"}


def test_only_the_parameter_that_was_refused_is_left_out(server, script, store):
    script.refuses = lambda body: FORMAT if "response_format" in body else None
    script.answer = lambda call: "None."
    assert ask(store, 1) == []
    assert sent(script) == [SEQUENCE, {"temperature", "max_tokens"}]


def test_a_servers_error_over_the_format_is_asked_again_in_words(server, script, store):
    script.faults = [(500, {}, b"response_format json_schema: not implemented")]
    script.answer = lambda call: "None."
    ask(store, 1)
    assert sent(script) == [SEQUENCE, {"temperature", "max_tokens"}]


def test_what_helped_nothing_is_not_remembered(server, script, store, monkeypatch):
    """A question that is refused for a reason of its own costs the others no structure."""
    monkeypatch.setenv("PROTOWEAVE_LLM_CONCURRENCY", "1")
    script.faults = [(400, {}, b"flagged"), (400, {}, b"flagged")]
    script.answer = lambda call: related("a")
    with pytest.raises(InputError, match="HTTP 400 Bad Request: flagged; mend PROTOWEAVE_LLM_KEY"):
        ask(store, 1)
    ask(store, 1)
    assert sent(script) == [SEQUENCE, SEQUENCE - {"response_format"}, SEQUENCE]


@pytest.mark.parametrize(
    ("complaint", "key"),
    [
        (openai("max_tokens is too large: 100. This model supports at most 50", "max_tokens"),
         "category_graph.llm.max_tokens"),
        ("This model's maximum context length is 90 tokens.", "category_graph.llm.max_tokens"),
        ("temperature must be between 0 and 0.4", "category_graph.llm.temperature"),
        ("`temperature` must be strictly positive", "category_graph.llm.temperature"),
    ],
)  # fmt: skip
def test_a_value_that_is_refused_is_named_and_not_left_out(server, script, store, complaint, key):
    script.refuses = lambda body: complaint
    with pytest.raises(InputError, match=rf"HTTP 400 .*; mend {key}; answers so far are kept"):
        ask(store, 1)
    assert sent(script) == [SEQUENCE]


def test_a_parameter_that_is_refused_in_every_form_is_named(server, script, store):
    script.refuses = lambda body: "bad max_tokens"
    with pytest.raises(InputError, match=r"bad max_tokens; mend category_graph.llm.max_tokens;"):
        ask(store, 1)
    assert len(script.calls) == 3


@pytest.mark.parametrize(
    ("complaint", "names"),
    [(LIMIT, ["max_tokens"]), (TEMPERATURE, ["temperature"]), (EXTRA, ["max_tokens"]),
     (UNKNOWN, ["max_tokens"]), ("temperature and max tokens", ["max_tokens", "temperature"]),
     ("JSON mode is not enabled", ["response_format"]), ("Model not found", []), ("[]", []),
     ('{"error": "bad temperature"}', ["temperature"]), ("", [])],
)  # fmt: skip
def test_a_complaint_is_about_what_it_names(complaint, names):
    assert named(complaint) == names


def test_forms_come_to_an_end():
    for complaint in ("", "temperature", "max_tokens", "response_format", LIMIT):
        form, steps = Form(), 0
        while form is not None:
            form, steps = form.after(complaint), steps + 1
        assert steps <= 3
