"""An endpoint that speaks OpenAI's chat protocol, asked patiently.

Its address, key and pace come from the environment, because they change no result:
``PROTOWEAVE_LLM_URL`` (up to and with ``/v1``), ``PROTOWEAVE_LLM_KEY`` (none for a local server),
``PROTOWEAVE_LLM_CONCURRENCY``, ``PROTOWEAVE_LLM_TIMEOUT`` (seconds), ``PROTOWEAVE_LLM_ATTEMPTS``.
The key goes into one header and nowhere else.
"""

import email.utils
import math
import os
import random
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import tenacity

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm.answer import Unusable, read_answer
from pipeline_lib.knowledge.categories.llm.form import Form, named
from pipeline_lib.knowledge.categories.llm.question import Question

URL, KEY = "PROTOWEAVE_LLM_URL", "PROTOWEAVE_LLM_KEY"
CONCURRENCY, TIMEOUT = "PROTOWEAVE_LLM_CONCURRENCY", "PROTOWEAVE_LLM_TIMEOUT"
ATTEMPTS = "PROTOWEAVE_LLM_ATTEMPTS"
LONGEST_WAIT = 120.0  # seconds between two attempts, unless the server asks for more
LONGEST_RETRY_AFTER = 600.0  # seconds; what a server may ask for
UNUSABLE_ATTEMPTS = 3  # answers that say nothing, each paid for
OF_FORM = (400, 404, 415, 422, 501)  # how servers refuse a parameter
SETTINGS = ("temperature", "max_tokens")  # of category_graph.llm, as complaints name them
SHOWN = 200  # characters of a server's complaint
CUT = ("length", "max_tokens", "max_output_tokens")  # why an answer ends, as servers say it, …
WITHHELD = ("content_filter", "safety")  # … in whatever case
REASONED = ("reasoning_content", "reasoning")  # where servers put what a model thought


class Passing(Exception):
    """A fault that may pass: too many requests, a server's error, a broken connection."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after  # seconds that the server asks to wait


class Refused(InputError):
    """The server accepts no question at all: a wrong key, address or model."""


@dataclass(frozen=True)
class Access:
    """How to reach the endpoint."""

    url: str = field(repr=False)  # may hold a password
    key: str = field(repr=False)
    concurrency: int
    timeout: float  # seconds
    attempts: int
    backoff: float = 1.0  # seconds before the second attempt, doubled each time

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment.

        Raises:
            InputError: there is no address, or a value is not what it should be.
        """
        url, key = os.environ.get(URL, "").strip(), os.environ.get(KEY, "").strip()
        if not url.startswith(("http://", "https://")):
            raise InputError(
                f"{URL} is {'not set' if not url else 'no http(s) address'}, expected the address "
                "of an endpoint that speaks OpenAI's chat protocol, e.g. https://api.openai.com/v1 "
                "or http://localhost:11434/v1; set it, or use stored answers with "
                "PROTOWEAVE_LLM_MODE=replay"
            )
        if not (key.isascii() and key.isprintable()):
            raise InputError(f"{KEY} holds characters that no key has; expected it in ASCII")
        return cls(
            url.rstrip("/"), key, int(_number(CONCURRENCY, 4)), _number(TIMEOUT, 120),
            int(_number(ATTEMPTS, 6)),
        )  # fmt: skip

    def scrubbed(self, text: str) -> str:
        """Return ``text`` without the key, which a server may echo."""
        return text.replace(self.key, "***") if self.key else text


class Endpoint:
    """A connection; its methods may be called from several threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        headers = {"Authorization": f"Bearer {access.key}"} if access.key else {}
        self._client = httpx.Client(headers=headers, timeout=access.timeout)
        self._form = Form()  # what the server was found to take

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, question: Question) -> str:
        """Return an answer that can be read.

        Raises:
            Unusable: several answers in a row could not.
            Passing: the fault did not pass.
            Refused: the server accepts no question.
        """
        for attempt in range(UNUSABLE_ATTEMPTS):
            try:
                answer = self._access.scrubbed(_content(self._patiently(question)))
                read_answer(answer, question.seen, about=question.category)
                return answer
            except Unusable:
                if attempt == UNUSABLE_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _patiently(self, question: Question) -> Any:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._access.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(Passing),
            reraise=True,
        )
        return retrying(self._once, question)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Passing) and error.after is not None:
            return error.after
        longest = min(self._access.backoff * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT)
        return longest * random.uniform(0.5, 1)  # so that threads do not come back together

    @property
    def remarks(self) -> list[str]:
        """What had to be left out of the calls, a sentence each."""
        return self._form.remarks()

    def _once(self, question: Question) -> Any:
        form: Form | None = self._form
        while form is not None:
            tried, response = form, self._post(question, form)
            form = None if response.is_success else _other(tried, response)
        self._check(response)
        self._form = tried  # only what a server then took
        try:
            return response.json()
        except ValueError:
            raise Passing("an answer that is no JSON") from None

    def _post(self, question: Question, form: Form) -> httpx.Response:
        try:
            return self._client.post(
                f"{self._access.url}/chat/completions", json=question.request(form)
            )
        except httpx.TransportError as error:  # timeouts, refused and broken connections
            raise Passing(self._access.scrubbed(f"{type(error).__name__}: {error}")) from None
        except httpx.InvalidURL:
            raise Refused(f"{URL} is no valid address; mend it") from None

    def _check(self, response: httpx.Response) -> None:
        code = response.status_code
        if code == httpx.codes.OK:
            return
        text = self._access.scrubbed(" ".join(response.text.split()))[:SHOWN]
        fault = f"HTTP {code} {response.reason_phrase}: {text}"
        if code in (408, 409, 425, 429) or code >= 500:
            raise Passing(fault, _retry_after(response.headers.get("Retry-After")))
        blamed = [name for name in named(response.text) if name in SETTINGS]
        remedy = " and ".join(f"category_graph.llm.{name}" for name in blamed)
        raise Refused(
            f"the language model's server says {fault}; mend "
            f"{remedy or f'{KEY}, {URL} or category_graph.llm.model'}; answers so far are kept"
        )


def _other(form: Form, response: httpx.Response) -> Form | None:
    """Return another form to ask in; a server's own error counts where it names a parameter."""
    code = response.status_code
    if code in OF_FORM or (code >= 500 and named(response.text)):
        return form.after(response.text)
    return None


def _content(body: Any) -> str:
    """Return the text of a completion.

    Raises:
        Unusable: it is a refusal, was cut, is empty, or is no completion.
    """
    try:
        choice = body["choices"][0]
        message = choice["message"]
        refusal, content = message.get("refusal"), _text(message.get("content"))
    except (KeyError, IndexError, TypeError, AttributeError):
        error = body.get("error") if isinstance(body, dict) else None
        said = f", it says {str(error)[:SHOWN]!r}" if error else ""
        raise Unusable(f"a response without choices[0].message{said}") from None
    if refusal:
        raise Unusable(f"the model refuses: {str(refusal)[:SHOWN]!r}")
    reason = str(choice.get("finish_reason")).lower()
    if reason in CUT:
        raise Unusable("the answer was cut at category_graph.llm.max_tokens; raise it")
    if reason in WITHHELD:
        raise Unusable("the server's content filter withheld the answer")
    if not content.strip():
        thought = any(message.get(key) for key in REASONED)
        only = ": the model only reasoned; raise category_graph.llm.max_tokens" if thought else ""
        raise Unusable(f"the answer is empty{only}")
    return content


def _text(content: Any) -> str:
    """Return a message's text, which some servers give in parts, thoughts beside text."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        return "".join(str(p.get("text", "")) for p in parts if p.get("type", "text") == "text")
    return content if isinstance(content, str) else ""


def _retry_after(value: str | None) -> float | None:
    """Read the header: seconds, or a date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value)
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _until(date: str) -> float:
    """Return the seconds until a date; NaN for what is none."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError):
        return math.nan


def _number(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        number = float(text or default)
    except ValueError:
        number = 0
    if not number >= 1:
        raise InputError(f"{variable}={text!r}: expected a number of at least 1; mend or unset it")
    return number
