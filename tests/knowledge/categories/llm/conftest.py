"""A scripted server, a store and questions for it."""

from collections.abc import Iterator

import pytest

from pipeline_lib.knowledge.categories.llm import endpoint
from pipeline_lib.knowledge.categories.llm.question import Question, questions
from pipeline_lib.knowledge.categories.llm.store import AnswerStore
from pipeline_lib.params.category_graph import Llm
from tests.knowledge.categories.llm.server import Script, Server

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def script() -> Script:
    """What the server will do."""
    return Script()


@pytest.fixture
def server(script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, announced in the environment; waits between attempts are short."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(script) as running:
        monkeypatch.setenv(endpoint.URL, running.url)
        monkeypatch.setenv(endpoint.KEY, KEY)
        monkeypatch.setenv(endpoint.CONCURRENCY, "3")
        monkeypatch.setenv(endpoint.TIMEOUT, "1")
        monkeypatch.setenv(endpoint.ATTEMPTS, "3")
        monkeypatch.setattr(endpoint, "LONGEST_WAIT", 0.01)
        yield running


@pytest.fixture
def store(tmp_path) -> AnswerStore:
    """An empty store."""
    return AnswerStore(tmp_path / "llm")


def ask_about(names="abc", seen="ab", queries=1, temperature=0.5, max_tokens=100) -> list[Question]:
    """Return questions about categories with names of one letter."""
    settings = Llm(
        name="asked", model="tiny", queries=queries, temperature=temperature, max_tokens=max_tokens
    )
    return questions(list(names), list(seen), settings)
