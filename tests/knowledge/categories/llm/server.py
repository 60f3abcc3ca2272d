"""A local server that speaks OpenAI's chat protocol and misbehaves on demand."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Reply = dict[str, Any] | bytes | str  # a completion, a raw body, or a fault's name


@dataclass
class Call:
    """One request as it arrived."""

    category: str
    body: dict[str, Any]
    key: str | None
    at: float  # seconds


@dataclass
class Script:
    """What the server does, and what it saw."""

    structured: bool = True  # whether it takes response_format
    refuses: Callable[[dict[str, Any]], str | None] = lambda body: None  # says why not this body
    faults: list[tuple[int, dict[str, str], bytes] | str] = field(default_factory=list)
    answer: Callable[[Call], Any] = lambda call: related()  # a message's content, or a choice
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def related(*names: str, strength: str = "High", relation: str = "Co-occurrence") -> str:
    """Return an answer in JSON that names some categories."""
    entries = [
        {"category": n, "relation": relation, "strength": strength, "explanation": f"why {n}"}
        for n in names
    ]
    return json.dumps({"related": entries})


class Handler(BaseHTTPRequestHandler):
    """Serves POST /v1/chat/completions."""

    protocol_version = "HTTP/1.1"
    script: Script

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][0]["content"]
        category = re.findall(r"^New Category: (.*)$", prompt, re.M)[-1]
        call = Call(category, body, self.headers.get("Authorization"), time.monotonic())
        with self.script.lock:
            self.script.calls.append(call)
            fault = self.script.faults.pop(0) if self.script.faults else None
        if isinstance(fault, str):
            self._break(fault)
        elif fault is not None:
            self._send(*fault)
        elif complaint := self.script.refuses(body):
            self._send(400, {}, complaint.encode())
        elif "response_format" in body and not self.script.structured:
            self._send(400, {}, b'{"error": {"message": "response_format is not supported"}}')
        else:
            self._complete(self.script.answer(call))

    def _complete(self, content: Any) -> None:
        choice = {"index": 0, "finish_reason": "stop", "message": {"content": content}}
        if isinstance(content, dict):
            choice |= content
        self._send(200, {}, json.dumps({"choices": [choice]}).encode())

    def _send(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _break(self, fault: str) -> None:
        if fault == "slow":
            time.sleep(2.5)
        if fault == "half":  # a body that ends before its announced length
            self._send(200, {"Content-Length": "1000"}, b'{"choices": [')
        if fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close() if fault == "reset" else self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    """A server whose clients may hang up."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are part of the test."""


class Server:
    """The server on a free port, as a context."""

    def __init__(self, script: Script) -> None:
        handler = type("Scripted", (Handler,), {"script": script})
        self._server = _Quiet(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
