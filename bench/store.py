"""The journal under TinyDB beside a raw append, SQLite and stock TinyDB, each with its own fsync."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from msgspec.json import encode
from tinydb import TinyDB

from bench.effort import Effort
from bench.homes import scratch
from bench.leads import believable
from bench.ratios import Ratio, alternated, median
from config import load
from triage.clock import new_id, utc_now
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.item import Item, State
from triage.store.outbox import Outbox
from triage.store.tiny import JournalDB

BULK = 500
_BODY = 300
_MANY = 100_000
_SOME = 10_000
_ONE = "record one decision, 10,000 there"


def document(number: int) -> dict[str, Any]:
    """Return a document of the size of a decision."""
    return {
        "id": f"decision-{number:08d}",
        "state": "queued",
        "lead_id": f"L-{number:06d}",
        "body": "x" * _BODY,
    }


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Record decisions, one and many, on files that already hold some."""
    with scratch() as here, ExitStack() as closing:
        yield from _one(here, closing, effort)
        yield from _bulk(here, closing, effort)


def _one(here: Path, closing: ExitStack, effort: Effort) -> Iterator[Ratio]:
    full = _journal(here / "full", closing, _SOME)
    works = {
        "raw": _raw(here / "raw", closing, _BODY),
        "sqlite": _sqlite(here / "sqlite", closing),
        "none": _journal(here / "empty", closing, 0),
        "some": full,
        "many": _journal(here / "many", closing, _MANY),
    }
    middle = {name: median(times) for name, times in alternated(works, effort.of(80)).items()}
    stock = alternated({"stock": _stock(here / "stock", closing, _SOME), "ours": full}, effort.of(6, least=2))
    one = middle["some"]
    remark = f"{one * 1000:.2f} ms"
    yield Ratio(_ONE, "raw append + fsync of 300 bytes", one / middle["raw"], at_most=2.5, remark=remark)
    yield Ratio(_ONE, "SQLite, WAL, FULL", one / middle["sqlite"], at_most=1.5)
    yield Ratio(
        "stock TinyDB, 10,000 there", _ONE, median(stock["stock"]) / median(stock["ours"]), at_least=40
    )
    yield Ratio(
        "record one decision, 100,000 there", "none there", middle["many"] / middle["none"], at_most=2
    )


def _bulk(here: Path, closing: ExitStack, effort: Effort) -> Iterator[Ratio]:
    """Record decisions as a bulk act does. SQLite keeps the same JSON, found by the same keys.

    Raw bytes, which nobody has to make first, are reported only; what a rep waits for is in `bulk`.
    """
    rounds, path = effort.of(25), here / "outbox.journal"
    ours, theirs = _batches(rounds + 1), _batches(rounds + 1)
    outbox = Outbox(path, utc_now)
    closing.callback(outbox.close)
    before = path.stat().st_size
    outbox.add(next(ours))
    size = path.stat().st_size - before
    keeping = _sqlite_outbox(here / "outbox.sqlite", closing)
    keeping(next(theirs))
    works = {
        "raw": _raw(here / "bulk-raw", closing, size),
        "sqlite": lambda: keeping(next(theirs)),
        "bulk": lambda: outbox.add(next(ours)),
    }
    middle = {name: median(times) for name, times in alternated(works, rounds).items()}
    what = f"record {BULK} decisions as one record"
    yield Ratio(
        what,
        "raw append + fsync of the same bytes",
        middle["bulk"] / middle["raw"],
        remark=f"{middle['bulk'] * 1000:.1f} ms, {size:,} bytes",
    )
    yield Ratio(what, "SQLite, the same JSON and keys", middle["bulk"] / middle["sqlite"], at_most=1.3)


def _batches(count: int) -> Iterator[Sequence[Item]]:
    """Return so many bulk acts, made before anything is measured."""
    now, definition = utc_now(), load.definition(None)
    seen = [(one.lead_id, Snapshot.of(one, definition, Shown())) for one in believable(BULK, now)]

    def batch() -> Sequence[Item]:
        act = new_id(now)
        return [
            Item(
                State.QUEUED,
                now,
                Decision(new_id(now), lead_id, Act.REJECT, now, snapshot, "NOT_A_BUYER", batch_id=act),
            )
            for lead_id, snapshot in seen
        ]

    return iter([batch() for _ in range(count)])


def _sqlite_outbox(path: Path, closing: ExitStack) -> Callable[[Sequence[Item]], object]:
    connection = _sqlite_at(path, closing)
    connection.execute(
        "CREATE TABLE items (id TEXT PRIMARY KEY, state TEXT, lead_id TEXT, batch_id TEXT, body TEXT)"
    )
    for key in ("state", "lead_id", "batch_id"):
        connection.execute(f"CREATE INDEX by_{key} ON items ({key})")

    def keep(items: Sequence[Item]) -> None:
        rows = [(one.id, one.state.value, one.lead_id, one.batch_id, encode(one)) for one in items]
        with connection:
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?)", rows)

    return keep


def _raw(path: Path, closing: ExitStack, size: int) -> Callable[[], object]:
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    closing.callback(os.close, handle)

    def work() -> None:
        os.write(handle, b"x" * size)
        os.fsync(handle)

    return work


def _sqlite_at(path: Path, closing: ExitStack) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    closing.callback(connection.close)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _sqlite(path: Path, closing: ExitStack) -> Callable[[], object]:
    connection = _sqlite_at(path, closing)
    connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body TEXT)")
    numbers = iter(range(10**9))
    return lambda: connection.execute(
        "INSERT INTO items VALUES (?, ?)", (f"d{next(numbers)}", "x" * (_BODY + 100))
    )


def _journal(path: Path, closing: ExitStack, there: int) -> Callable[[], object]:
    database = JournalDB(path, indexes={"items": ("id", "state", "lead_id")})
    closing.callback(database.close)
    table = database.table("items")
    if there:
        table.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    return lambda: table.insert(document(next(numbers)))


def _stock(path: Path, closing: ExitStack, there: int) -> Callable[[], object]:
    database = TinyDB(path)
    closing.callback(database.close)
    database.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    return lambda: database.insert(document(next(numbers)))
