"""The server: puts database, leads, routes and faults together, listens on loopback, ends when told to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import Scope

from triage.embedded import leads as lead_table
from triage.embedded import members, people
from triage.embedded.connections import CuttableProtocol
from triage.embedded.database import Database
from triage.embedded.faults import Entry, FaultPlan, listed_plan, parse_plan
from triage.embedded.history import writing
from triage.embedded.injection import FaultInjection
from triage.embedded.moments import from_wire, to_wire, utc_now
from triage.embedded.problems import Problem
from triage.embedded.routes import Routes, on_failure, on_http_error, on_problem

Listening = dict[str, Any]


def open_database(
    state: Path | None, *, leads: int, seed: int, now: datetime, history: bool = False
) -> Database:
    """Open the data in `state` (None: memory); where there is none, fill it with leads that look fresh.

    `history`: with twelve weeks of all reps' decisions before them.
    """
    database = Database(state)
    with database.transaction():
        if database.row("SELECT 1 FROM meta WHERE key = 'seed'") is None:
            _fill(database, leads, seed, now)
            if history:
                writing.write(database, seed=seed, now=now)
    return database


def build_app(database: Database, plan: FaultPlan | None = None) -> Starlette:
    """Return the application on an open database, struck by faults as the plan says."""
    doors = members.doors(database, int(_meta(database, "seed")))
    routes = Routes(database, doors, from_wire(_meta(database, "started_at")))
    return Starlette(
        routes=routes.all(),
        middleware=[Middleware(FaultInjection, plan or FaultPlan(), _signed_in(routes))],
        exception_handlers={Problem: on_problem, HTTPException: on_http_error, Exception: on_failure},
    )


def serve(
    *,
    port: int,
    leads: int = 120,
    seed: int = 7,
    state: Path | None,
    faults: str | Sequence[Entry] = "",
    history: bool = False,
    on_listening: Callable[[Listening], None],
    parent_pipe: int | None = None,
) -> None:
    """Serve on 127.0.0.1 until SIGTERM, SIGINT or the end of the file `parent_pipe`.

    `port` 0 takes a free one. `on_listening` is called once connections are accepted, with `url`,
    `rep_token`, `marketing_token`, `pid`, and `note` where the data was already there for other arguments.
    Raises OSError (EADDRINUSE) for a taken port, ValueError for an unknown fault; before anything is said.
    """
    plan = parse_plan(faults, seed) if isinstance(faults, str) else listed_plan(faults)
    listener = _bind(port)
    database = open_database(state, leads=leads, seed=seed, now=utc_now(), history=history)
    try:
        facts = _facts(database, listener.getsockname()[1], leads, seed)
        _run(build_app(database, plan), listener, lambda: on_listening(facts), parent_pipe)
    finally:
        database.close()


def _fill(database: Database, leads: int, seed: int, now: datetime) -> None:
    members.enrol(database)
    for lead in people.make(leads=leads, seed=seed, now=now):
        changed_by = str(lead.pop("changed_by", "Routing"))
        lead_table.insert(database, lead, changed_at=to_wire(now), changed_by=changed_by)
    for key, value in (("seed", seed), ("leads", leads), ("started_at", to_wire(now))):
        database.run("INSERT INTO meta VALUES (?, ?)", key, str(value))


def _meta(database: Database, key: str) -> str:
    row = database.row("SELECT value FROM meta WHERE key = ?", key)
    assert row is not None
    return str(row["value"])


def _signed_in(routes: Routes) -> Callable[[Scope], bool]:
    def is_signed_in(scope: Scope) -> bool:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return routes.is_signed_in(headers.get(b"authorization", b"").decode("latin-1"))

    return is_signed_in


def _facts(database: Database, port: int, leads: int, seed: int) -> Listening:
    kept_seed, kept_leads = int(_meta(database, "seed")), int(_meta(database, "leads"))
    facts: Listening = {
        "url": f"http://127.0.0.1:{port}",
        "rep_token": members.token_of(members.FIRST_REP, kept_seed),
        "marketing_token": members.token_of(members.MARKETING, kept_seed),
        "pid": os.getpid(),
    }
    if (kept_seed, kept_leads) != (seed, leads):
        facts["note"] = f"The data in this folder was kept: {kept_leads} leads, seed {kept_seed}."
    return facts


def _bind(port: int) -> socket.socket:
    """Take the port, so that a taken one is an error before anything else happens."""
    # The protocol is named because asyncio turns off Nagle's delay (40 ms an answer) only where it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # On POSIX this only lets a restart have its port at once; on Windows it would take one that is in use.
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _run(
    app: Starlette, listener: socket.socket, on_listening: Callable[[], None], parent_pipe: int | None
) -> None:
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    _Server(config, on_listening, parent_pipe).run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn, which says when it listens, ends with its parent, and does not die of a signal to end."""

    def __init__(
        self, config: uvicorn.Config, on_listening: Callable[[], None], parent_pipe: int | None
    ) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._parent_pipe = parent_pipe

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        if self._parent_pipe is not None:
            asyncio.get_running_loop().add_reader(self._parent_pipe, self._hear_parent, self._parent_pipe)
        self._on_listening()

    def _hear_parent(self, pipe: int) -> None:
        if os.read(pipe, 4096) == b"":
            asyncio.get_running_loop().remove_reader(pipe)
            self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """End on a signal without raising it again, as uvicorn would: this end is a clean one."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        ours = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
