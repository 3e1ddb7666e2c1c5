"""The embedded CRM with a liar in front: every text of every answer is a payload, on a real loopback socket.

`PLAIN` passes answers through; `TEXTS` replaces what people wrote and keeps ids, enums and dates; `ALL` spares
only what a fetch needs to go on at all. It can also refuse, conflict, or fail every write and read, with payloads.
"""

from __future__ import annotations

import asyncio
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.corpus import HOSTILE
from triage.embedded.members import FIRST_REP, MARKETING, token_of
from triage.embedded.moments import utc_now
from triage.embedded.server import _bind, build_app, open_database

PLAIN, TEXTS, ALL = "plain", "texts", "all"
SEED = 7
KEPT = frozenset(
    [
        "lead_id",
        "user_id",
        "account_id",
        "criterion_id",
        "decision_id",
        "feedback_id",
        "reply_id",
        "batch_id",
        "touch_id",
        "receipt_id",
        "of",
        "supersedes",
        "last_decision_id",
        "next_cursor",
        "id",
        "status",
        "act",
        "kind",
        "role",
        "type",
        "outcome",
        "dimension",
        "op",
        "fact",
        "code",
        "hotkey",
        "requires",
        "optional",
        "contact_known",
        "merged_into",
        "time_zone",
        "roles",
        "version",
        "reasons",
        "hand_raise",
        "by",
        "value",
    ]
)
"""Names whose texts others are looked up by, or that are words of the contract."""
NEEDED = frozenset({"next_cursor", "outcome", "decision_id", "feedback_id", "status"})
_ME = (".user_id", ".account_id")
_DATES = ("_at", "_due", "until", "_mail_at")


class Liar:
    """Middleware: what the CRM answers, said in payloads."""

    def __init__(self, app: ASGIApp, payloads: tuple[str, ...] = HOSTILE) -> None:
        self._app = app
        self._payloads = payloads
        self.mode = PLAIN
        self.turn = 0
        """Shifts which field gets which payload."""
        self.outcome = ""
        """refused or conflict: what every write is answered with; empty: what the CRM says."""
        self.failure = 0
        """A status with which everything is answered, its message a payload; 0: none."""
        self.kind = b"application/json"
        self.said: set[str] = set()
        """Every payload that was sent."""
        self.asked: list[tuple[str, bytes]] = []
        """Path and body of each write."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, lying."""
        body, messages = b"", []
        while True:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["method"] == "POST":
            self.asked.append((scope["path"], body))
        heard: list[Message] = []

        async def collect(message: Message) -> None:
            heard.append(message)

        given = iter(messages)

        async def again() -> Message:
            return next(given, {"type": "http.disconnect"})

        await self._app(scope, again, collect)
        await self._answer(scope, body, heard, send)

    async def _answer(self, scope: Scope, asked: bytes, heard: list[Message], send: Send) -> None:
        status = heard[0]["status"]
        raw = b"".join(message.get("body", b"") for message in heard[1:])
        if self.mode != PLAIN:
            raw = json.dumps(self._lie(json.loads(raw), "")).encode()
        if self.outcome and scope["method"] == "POST":
            status, raw = 200, json.dumps({"results": list(self._results(asked))}).encode()
        if self.failure:
            status, raw = self.failure, json.dumps({"error": {"message": self._text("error")}}).encode()
        evil = "\x9b31m\x9d52;c;aaaa\x9c <script> [red] {0}".encode("latin-1")
        headers = [(b"content-type", self.kind), (b"content-length", str(len(raw)).encode())]
        if self.mode != PLAIN:
            headers += [
                (name, evil) for name in (b"server", b"etag", b"x-evil", b"www-authenticate", b"retry-after")
            ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    def _lie(self, value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {name: self._lie(entry, f"{path}.{name}") for name, entry in value.items()}
        if isinstance(value, list):
            return [self._lie(entry, f"{path}.{index}") for index, entry in enumerate(value)]
        name = next(part for part in reversed(path.split(".")) if not part.isdigit())
        return self._text(path) if isinstance(value, str) and self._is_free(name, path) else value

    def _is_free(self, name: str, path: str) -> bool:
        if self.mode == ALL:
            return name not in NEEDED and not path.endswith("owner.user_id") and path not in _ME
        if ".mql." in path or ".touches." in path or ".recycles." in path:
            return name not in {"at", "wake_at", "touch_id", "roles"}
        return name not in KEPT and not name.endswith(_DATES) and name != "at"

    def _text(self, path: str) -> str:
        """Return the payload of a field: the next entry of a list gets the next one, another turn too."""
        number = next((int(part) for part in path.split(".") if part.isdigit()), 0)
        field = path.replace(f".{number}.", ".*.", 1)
        payload = self._payloads[(zlib.crc32(field.encode()) + number + self.turn) % len(self._payloads)]
        self.said.add(payload)
        return payload

    def _results(self, asked: bytes) -> Iterator[dict[str, Any]]:
        for number, item in enumerate(json.loads(asked)["items"]):
            name = "decision_id" if "decision_id" in item else "feedback_id"
            result: dict[str, Any] = {name: item[name], "outcome": self.outcome}
            if self.outcome == "refused":
                result["messages"] = [self._text(f"refused.{part}.{number}") for part in range(3)]
            else:
                words = {
                    part: self._text(f"theirs.{part}.{number}")
                    for part in ("version", "status", "changed_by")
                }
                owner = {"user_id": "U-02", "name": self._text(f"theirs.owner.{number}")}
                result["theirs"] = {**words, "owner": owner, "changed_at": "2026-11-01T10:00:00Z"}
            yield result


class HostileCrm:
    """The liar, where it listens, and the tokens it takes."""

    rep_token = token_of(FIRST_REP, SEED)
    marketing_token = token_of(MARKETING, SEED)

    def __init__(self, liar: Liar, port: int) -> None:
        self.liar = liar
        self.url = f"http://127.0.0.1:{port}"


@contextmanager
def hostile_crm(leads: int, payloads: tuple[str, ...] = HOSTILE) -> Iterator[HostileCrm]:
    """Run it in a thread until the block ends."""
    database = open_database(None, leads=leads, seed=SEED, now=utc_now())
    listener = _bind(0)
    liar = Liar(build_app(database), payloads)
    config = uvicorn.Config(
        liar, ws="none", loop="asyncio", lifespan="off", log_config=None, server_header=False, http="h11"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        yield HostileCrm(liar, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        database.close()
