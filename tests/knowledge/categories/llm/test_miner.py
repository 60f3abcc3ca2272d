"""The miner against a real server on this machine that does everything servers do."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pipeline_lib.artifacts.category_graph import ANSWERS
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm import endpoint
from pipeline_lib.knowledge.categories.llm.answer import Unusable
from pipeline_lib.knowledge.categories.llm.miner import gather, plan, to_edges
from pipeline_lib.knowledge.categories.llm.question import tokens
from pipeline_lib.progress import silent
from tests.knowledge.categories.llm.conftest import KEY, ask_about
from tests.knowledge.categories.llm.server import related


def record(store, asked, mode="record"):
    gather(asked, store, mode, silent)
    return {q.category: json.loads(store.get(q)) for q in asked}


def edges_of(asked, store):
    return to_edges(asked, store.get, list("abc"), asked[0].settings.queries)


def names(answer):
    return [entry["category"] for entry in answer["related"]]


def test_every_question_is_asked_once_and_the_answers_are_kept(server, script, store):
    script.answer = lambda call: related("a")
    found = record(store, ask_about())
    assert [names(answer) for answer in found.values()] == [["a"]] * 3
    assert sorted(call.category for call in script.calls) == ["a", "b", "c"]
    record(store, ask_about())
    assert len(script.calls) == 3


def test_a_call_is_what_the_protocol_and_the_paper_say(server, script, store):
    record(store, ask_about("c", seen="abc"))
    (call,) = script.calls
    assert call.key == f"Bearer {KEY}"
    assert call.body["model"] == "tiny"
    assert (call.body["temperature"], call.body["max_tokens"]) == (0.5, 100)
    assert call.body["response_format"]["json_schema"]["strict"] is True
    prompt = call.body["messages"][0]["content"]
    assert "direct relationship with the new category **c**" in prompt
    assert prompt.count("**Part-Whole Relationship:**") == 1
    assert "List of Seen Categories: a, b\n" in prompt  # not itself


def test_without_structured_output_the_answer_is_read_from_words(server, script, store):
    script.structured = False
    script.answer = lambda call: (
        "Related Category 1: b\n- **Type of Relationship:** Is-a/Hypernym\n"
        "- **Association Strength:** Medium\n- **Explanation:** so it is"
    )
    asked = ask_about("a")
    gather(asked, store, "record", silent)
    edges, _ = edges_of(asked, store)
    assert edges.drop("provenance", "sign").rows() == [("a", "b", 2 / 3, 2.0, "is-a", "so it is")]
    with_format = [call for call in script.calls if "response_format" in call.body]
    assert len(with_format) == 1  # it is told once
    assert "Related Category [Number]" in script.calls[-1].body["messages"][0]["content"]


@pytest.mark.parametrize(
    "fault",
    [
        (429, {"Retry-After": "0.2"}, b"slow down"),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""),
        (429, {"Retry-After": "soon"}, b""),
        (429, {"Retry-After": "nan"}, b""),
        (429, {"Retry-After": "Wed, 99 Oct 2015 99:28:00 GMT"}, b""),
        (500, {}, b"oops"),
        (503, {}, b"<html>"),
        (200, {}, b"no json"),
        "slow",
        "half",
        "reset",
        "close",
    ],
    ids=str,
)
def test_faults_that_pass_are_waited_out(server, script, store, fault):
    script.faults = [fault, fault]
    script.answer = lambda call: related("b")
    start = time.monotonic()
    assert names(record(store, ask_about("a"))["a"]) == ["b"]
    assert len(script.calls) == 3
    if isinstance(fault, tuple) and fault[1].get("Retry-After") == "0.2":
        gaps = np.diff([call.at for call in script.calls])
        assert (gaps >= 0.2).all()
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I cannot help with that.", "no relations can be read in 'I cannot help with that.'"),
        ({"message": {"content": None, "refusal": "No."}}, "the model refuses: 'No.'"),
        ({"finish_reason": "length"}, r"cut at category_graph\.llm\.max_tokens; raise it"),
        ({"finish_reason": "MAX_TOKENS"}, r"cut at category_graph\.llm\.max_tokens; raise it"),
        ({"finish_reason": "SAFETY"}, "content filter withheld the answer"),
        ({"message": {"content": "", "reasoning_content": "b"}}, "the model only reasoned; raise"),
        ({"finish_reason": "content_filter"}, "content filter withheld the answer"),
        ({"message": {"content": ""}}, "the answer is empty"),
        ({"message": None}, r"a response without choices\[0\]\.message"),
        (related("b")[:-9], "not complete JSON"),
    ],
)
def test_a_category_without_usable_answer_is_named_and_the_rest_is_kept(
    server, script, store, answer, reason
):
    script.answer = lambda call: answer if call.category == "b" else related("a")
    expected = rf"category 'b', query 0: .*{reason}.*no usable answer about 1 categories \(b\)"
    with pytest.raises(InputError, match=expected):
        gather(ask_about(), store, "record", silent)
    assert [store.get(q) is None for q in ask_about()] == [False, True, False]
    assert sum(call.category == "b" for call in script.calls) == endpoint.UNUSABLE_ATTEMPTS
    script.answer = lambda call: related("a")
    record(store, ask_about())
    assert [call.category for call in script.calls[-1:]] == ["b"]  # only what was missing
    assert len(script.calls) == 2 + endpoint.UNUSABLE_ATTEMPTS + 1


@pytest.mark.parametrize("thoughts", [[], [{"type": "thinking", "thinking": [{"text": "no"}]}]])
def test_an_answer_in_parts_is_read_without_its_thoughts(server, script, store, thoughts):
    parts = [*thoughts, {"type": "text", "text": related("b")[:9]}, {"text": related("b")[9:]}]
    script.answer = lambda call: {"message": {"content": parts}}
    assert names(record(store, ask_about("a"))["a"]) == ["b"]


def test_an_error_in_place_of_an_answer_is_told():
    with pytest.raises(Unusable, match=r"without choices.0..message, it says .*no such model"):
        endpoint._content({"error": {"message": "no such model", "code": 404}})


def test_an_unusable_answer_is_asked_for_again(server, script, store):
    answers = iter(["no idea", related("b")])
    script.answer = lambda call: next(answers)
    assert names(record(store, ask_about("a"))["a"]) == ["b"]


def test_a_fault_that_does_not_pass_names_the_category(server, script, store):
    script.faults = [(502, {}, b"bad gateway")] * 9
    with pytest.raises(
        InputError, match=r"category 'a', query 0: HTTP 502 .*: bad gateway; no usa"
    ):
        gather(ask_about("a"), store, "record", silent)
    assert len(script.calls) == 3


def test_a_server_that_accepts_nothing_is_not_asked_on(server, script, store):
    script.faults = [(401, {}, f"Incorrect API key provided: {KEY}.".encode())] * 100
    asked = ask_about("abcdefghijklmnopqrstuvwxyz")
    with pytest.raises(InputError, match=r"HTTP 401 .*provided: \*\*\*\..*mend PROTOWEAVE_LLM_KEY"):
        gather(asked, store, "record", silent)
    assert len(script.calls) < 26


def test_no_server_is_a_fault_that_passes_and_then_is_named(store, monkeypatch):
    monkeypatch.setenv(endpoint.URL, "http://127.0.0.1:9/v1")
    monkeypatch.setenv(endpoint.ATTEMPTS, "2")
    monkeypatch.setattr(endpoint, "LONGEST_WAIT", 0.01)
    with pytest.raises(InputError, match="category 'a', query 0: ConnectError"):
        gather(ask_about("a"), store, "record", silent)


def test_strengths_are_averaged_over_the_queries(server, script, store):
    replies = {0: related("b", strength="High"), 1: related("b", strength="Low"), 2: related()}
    script.answer = lambda call: replies[len(script.calls) - 1]
    asked = ask_about("a", queries=3)
    for question in asked:
        gather([question], store, "record", silent)
    edges, facts = edges_of(asked, store)
    # (3 + 1 + 0) / 3 queries, and a third of that
    row = edges.row(0, named=True)
    assert (row["target"], row["source"], row["explanation"]) == ("a", "b", "why b")
    assert row["value"] == pytest.approx(4 / 3)
    assert row["strength"] == pytest.approx(4 / 9)
    assert facts == {"llm.answers": 3, "llm.unknown_names": 0, "llm.broken_entries": 0}


def test_unknown_names_are_counted(server, script, store):
    script.answer = lambda call: related("b", "zebra")
    asked = ask_about("a")
    gather(asked, store, "record", silent)
    edges, facts = edges_of(asked, store)
    assert edges["source"].to_list() == ["b"]
    assert facts["llm.unknown_names"] == 1


def test_replay_needs_no_network_and_says_what_is_missing(server, script, store):
    expected = (
        r"3 of 3 answers are not stored, first about 'a'; `PROTOWEAVE_LLM_MODE=record .*3 calls"
    )
    with pytest.raises(InputError, match=expected):
        gather(ask_about(), store, "replay", silent)
    record(store, ask_about())
    count = len(script.calls)
    gather(ask_about(), store, "replay", silent)
    assert len(script.calls) == count == 3


def test_replay_works_from_the_artifact(server, script, store, tmp_path):
    script.answer = lambda call: related("a")
    asked = ask_about()
    record(store, asked)
    ANSWERS.write(store.table(asked), tmp_path / "answers.parquet")
    elsewhere = type(store)(tmp_path / "elsewhere")
    assert elsewhere.add_table(tmp_path / "answers.parquet") == 3
    gather(asked, elsewhere, "replay", silent)
    assert edges_of(asked, elsewhere)[0].equals(edges_of(asked, store)[0])


@pytest.mark.parametrize("change", [{"temperature": 0.6}, {"max_tokens": 99}, {"seen": "abc"}])
def test_other_settings_are_other_questions(server, script, store, change):
    record(store, ask_about("c"))
    assert store.missing(ask_about("c")) == []
    missing = store.missing(ask_about("c", **change))
    assert len(missing) == (0 if change == {"seen": "abc"} else 1)  # c is no news about itself


def test_a_refresh_asks_everything_again(server, script, store):
    script.answer = lambda call: related("a")
    record(store, ask_about())
    script.answer = lambda call: related("b")
    found = record(store, ask_about(), "refresh")
    assert [names(answer) for answer in found.values()] == [["b"]] * 3
    assert len(script.calls) == 6
    assert not store.renewed.folder.exists()


def test_a_refresh_that_fails_leaves_the_old_answers_and_goes_on_where_it_stopped(
    server, script, store
):
    script.answer = lambda call: related("a")
    record(store, ask_about())
    script.answer = lambda call: related("b") if call.category != "c" else "no idea"
    with pytest.raises(InputError, match="category 'c'"):
        gather(ask_about(), store, "refresh", silent)
    assert all("why a" in store.get(q) for q in ask_about())
    before = len(script.calls)
    script.answer = lambda call: related("b")
    record(store, ask_about(), "refresh")
    assert [call.category for call in script.calls[before:]] == ["c"]
    assert all("why b" in store.get(q) for q in ask_about())


def test_a_damaged_answer_is_asked_for_again(server, script, store):
    (question,) = ask_about("a")
    record(store, [question])
    (path,) = store.folder.rglob("*.json")
    path.write_text('{"answer": ')
    record(store, [question])
    path.write_text('{"answer": "who knows", "category": "a"}')
    record(store, [question])
    assert len(script.calls) == 3


def test_a_dry_run_counts_calls_and_tokens_and_asks_nothing(server, script, store):
    asked = ask_about(queries=2)
    record(store, asked[:1])
    before = len(script.calls)
    found = plan(asked, store, "record")
    assert (found.questions, found.calls) == (6, 5)
    assert found.prompt_tokens == tokens(asked[1:])
    assert found.prompt_tokens == pytest.approx(
        5 * len(asked[0].prompt(structured=True)) / 4, rel=0.01
    )
    assert found.answer_tokens == 500
    assert plan(asked, store, "refresh").calls == 6
    assert len(script.calls) == before


def test_without_the_libraries_stored_answers_still_serve(server, script, store, monkeypatch):
    record(store, ask_about())
    monkeypatch.setitem(sys.modules, "pipeline_lib.knowledge.categories.llm.endpoint", None)
    gather(ask_about(), store, "record", silent)
    with pytest.raises(InputError, match=r"needs httpx and tenacity.*pip install -e '\.\[llm\]'"):
        gather(ask_about(), store, "refresh", silent)


MINE = """
import sys
from pathlib import Path
from pipeline_lib.knowledge.categories.llm.miner import gather
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.progress import silent
from tests.knowledge.categories.llm.conftest import ask_about
gather(ask_about("abcdefghijklmnopqrst"), AnswerStore(Path(sys.argv[1])), "record", silent)
"""


def test_kill_9_loses_no_paid_answer(server, script, store, root):
    def slowly(call):
        time.sleep(0.1)
        return related("a", "b")

    script.answer = slowly
    command = [sys.executable, "-c", MINE, str(store.folder)]
    process = subprocess.Popen(command, cwd=root, env=os.environ | {endpoint.CONCURRENCY: "1"})
    deadline = time.monotonic() + 30
    while len(script.calls) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    asked = ask_about("abcdefghijklmnopqrst")
    kept = len(asked) - len(store.missing(asked))
    paid = len(script.calls)
    assert 8 <= paid < 20
    assert kept >= paid - 1  # the one that was on its way at the kill had not arrived
    script.answer = lambda call: related("a", "b")
    gather(asked, store, "record", silent)
    assert store.missing(asked) == []
    assert len(script.calls) == paid + 20 - kept
