"""The journal under TinyDB beside a raw append, SQLite and stock TinyDB, each with its own fsync."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tinydb import TinyDB

from bench.effort import Effort
from bench.homes import scratch
from bench.ratios import Ratio, alternated, median
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
        "sqlite": _sqlite(here / "sqlite", closing, 1),
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
    path = here / "bulk"
    work = _journal(path, closing, 1_000, BULK)
    before = path.stat().st_size
    work()
    works = {
        "raw": _raw(here / "bulk-raw", closing, path.stat().st_size - before),
        "sqlite": _sqlite(here / "bulk-sqlite", closing, BULK),
        "bulk": work,
    }
    middle = {name: median(times) for name, times in alternated(works, effort.of(25)).items()}
    what = f"record {BULK} decisions as one record"
    yield Ratio(
        what,
        "raw append + fsync of the same bytes",
        middle["bulk"] / middle["raw"],
        at_most=4,
        remark=f"{middle['bulk'] * 1000:.1f} ms",
    )
    yield Ratio(what, "SQLite, one transaction", middle["bulk"] / middle["sqlite"], at_most=1.3)


def _raw(path: Path, closing: ExitStack, size: int) -> Callable[[], object]:
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    closing.callback(os.close, handle)

    def work() -> None:
        os.write(handle, b"x" * size)
        os.fsync(handle)

    return work


def _sqlite(path: Path, closing: ExitStack, at_once: int) -> Callable[[], object]:
    connection = sqlite3.connect(path, isolation_level=None)
    closing.callback(connection.close)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body TEXT)")
    numbers = iter(range(10**9))
    insert = "INSERT INTO items VALUES (?, ?)"

    def row() -> tuple[str, str]:
        return f"d{next(numbers)}", "x" * (_BODY + 100)

    def work() -> None:
        with connection:
            connection.execute("BEGIN")
            connection.executemany(insert, [row() for _ in range(at_once)])

    return work if at_once > 1 else lambda: connection.execute(insert, row())


def _journal(path: Path, closing: ExitStack, there: int, at_once: int = 1) -> Callable[[], object]:
    database = JournalDB(path, indexes={"items": ("id", "state", "lead_id")})
    closing.callback(database.close)
    table = database.table("items")
    if there:
        table.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    if at_once == 1:
        return lambda: table.insert(document(next(numbers)))
    return lambda: table.insert_multiple([document(next(numbers)) for _ in range(at_once)])


def _stock(path: Path, closing: ExitStack, there: int) -> Callable[[], object]:
    database = TinyDB(path)
    closing.callback(database.close)
    database.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    return lambda: database.insert(document(next(numbers)))
