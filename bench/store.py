"""The journal under TinyDB beside a raw append, SQLite and stock TinyDB."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB

from bench.ratios import Ratio, alternated, median
from triage.store.tiny import JournalDB

ROUNDS = 60
BULK = 500


def document(number: int) -> dict[str, Any]:
    """Return a document of the size of a decision."""
    return {
        "id": f"decision-{number:08d}",
        "state": "queued",
        "lead_id": f"L-{number:06d}",
        "body": "x" * 300,
    }


def ratios() -> Iterator[Ratio]:
    """Record decisions, one and many, on files that already hold some."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        here = Path(folder)
        yield from _one(here)
        yield from _bulk(here)


def _one(here: Path) -> Iterator[Ratio]:
    works: dict[str, Callable[[], object]] = {
        "raw": _raw(here / "raw", 300),
        "sqlite": _sqlite(here / "sqlite"),
        "at 0": _journal(here / "empty", 0),
        "at 10,000": _journal(here / "full", 10_000),
    }
    seconds = alternated(works, ROUNDS)
    stock = alternated({"stock": _stock(here / "stock", 10_000), "ours": works["at 10,000"]}, 6)
    one = median(seconds["at 10,000"])
    yield Ratio(
        "record one decision, 10,000 there",
        "raw append + fsync of 300 bytes",
        one / median(seconds["raw"]),
        at_most=2.5,
    )
    yield Ratio(
        "record one decision, 10,000 there", "SQLite, WAL, FULL", one / median(seconds["sqlite"]), at_most=1.5
    )
    yield Ratio(
        "stock TinyDB, 10,000 there",
        "record one decision",
        median(stock["stock"]) / median(stock["ours"]),
        at_least=40,
    )
    yield Ratio(
        "record one decision, 10,000 there",
        "record one, none there",
        one / median(seconds["at 0"]),
        at_most=2,
    )


def _bulk(here: Path) -> Iterator[Ratio]:
    size = len(str(document(0))) * BULK
    seconds = alternated(
        {"raw": _raw(here / "bulk-raw", size), "bulk": _journal(here / "bulk", 1_000, BULK)}, 20
    )
    ratio = median(seconds["bulk"]) / median(seconds["raw"])
    yield Ratio(
        f"record {BULK} decisions as one record",
        "raw append + fsync of the same bytes",
        ratio,
        remark="to be held with the paint",
    )


def _raw(path: Path, size: int) -> Callable[[], object]:
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def work() -> None:
        os.write(handle, b"x" * size)
        os.fsync(handle)

    return work


def _sqlite(path: Path) -> Callable[[], object]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body TEXT)")
    numbers = iter(range(10**9))
    return lambda: connection.execute("INSERT INTO items VALUES (?, ?)", (f"d{next(numbers)}", "x" * 400))


def _journal(path: Path, there: int, at_once: int = 1) -> Callable[[], object]:
    database = JournalDB(path, indexes={"items": ("id", "state", "lead_id")})
    table = database.table("items")
    if there:
        table.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    if at_once == 1:
        return lambda: table.insert(document(next(numbers)))
    return lambda: table.insert_multiple([document(next(numbers)) for _ in range(at_once)])


def _stock(path: Path, there: int) -> Callable[[], object]:
    database = TinyDB(path)
    database.insert_multiple(document(number) for number in range(there))
    numbers = iter(range(there, 10**9))
    return lambda: database.insert(document(next(numbers)))
