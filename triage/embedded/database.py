"""The SQLite file: its tables, its permissions, its transactions. Knows no rule of the trade."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL);
INSERT OR IGNORE INTO sequence VALUES (1, 0);
CREATE TABLE IF NOT EXISTS people (
    user_id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, role TEXT, territory TEXT,
    time_zone TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS leads (
    lead_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL,
    seq INTEGER NOT NULL UNIQUE, changed_at TEXT NOT NULL, changed_by TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, merged_into TEXT, last_decision_id TEXT, snoozed_until TEXT,
    body TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0, listed_until TEXT);
-- Who has ever had a lead: only they are told that it is gone.
CREATE TABLE IF NOT EXISTS sightings (
    user_id TEXT NOT NULL, lead_id TEXT NOT NULL, PRIMARY KEY (user_id, lead_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    kind TEXT NOT NULL, id TEXT NOT NULL, rep_id TEXT NOT NULL, lead_id TEXT NOT NULL,
    seq INTEGER NOT NULL UNIQUE, state TEXT NOT NULL, applied_at TEXT NOT NULL, supersedes TEXT,
    content TEXT NOT NULL, body TEXT NOT NULL, receipt TEXT NOT NULL, lead TEXT NOT NULL,
    before TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS items_by_lead ON items (lead_id);
-- No uniqueness on id: if anything were ever applied twice, an auditor would see it here.
CREATE TABLE IF NOT EXISTS effects (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, lead_id TEXT NOT NULL,
    act TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS effects_by_id ON effects (id);
CREATE TABLE IF NOT EXISTS replies (
    reply_id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, of TEXT NOT NULL, of_kind TEXT NOT NULL,
    content TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS replies_by_item ON replies (of);
CREATE TABLE IF NOT EXISTS definitions (n INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS proposals (
    proposal_id TEXT PRIMARY KEY, n INTEGER NOT NULL UNIQUE, content TEXT NOT NULL, body TEXT NOT NULL);
-- What became of leads, as GET /v1/outcomes shows it.
CREATE TABLE IF NOT EXISTS stage_changes (
    outcome_id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, lead_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS stage_changes_by_lead ON stage_changes (lead_id);
CREATE TABLE IF NOT EXISTS batches (
    user_id TEXT NOT NULL, key TEXT NOT NULL, ids TEXT NOT NULL, PRIMARY KEY (user_id, key)) WITHOUT ROWID;
"""


def pack(value: object) -> str:
    """Return JSON in ASCII, keys sorted: equal values give equal text, and a lone surrogate survives."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class Database:
    """One connection, used by one thread at a time; what is committed survives `kill -9`."""

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            _own_file(folder) if folder else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA busy_timeout = 2000")
        self._connection.execute("PRAGMA journal_mode = WAL")
        # With WAL only FULL syncs at each commit; NORMAL may lose the last ones with the machine's power.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        self._complete()

    def _complete(self) -> None:
        """Give a file of version 0.1 the column it lacks: the demo's data outlives a program."""
        columns = {column["name"] for column in self._connection.execute("PRAGMA table_info(leads)")}
        if "archived" not in columns:
            self._connection.execute("ALTER TABLE leads ADD COLUMN archived INTEGER NOT NULL DEFAULT 0")
        if "listed_until" not in columns:
            self._connection.execute("ALTER TABLE leads ADD COLUMN listed_until TEXT")

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Commit what happens inside, all of it or, if anything is raised, nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, if there is one."""
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
            return row

    def run(self, statement: str, *values: object) -> int:
        """Change something; return the row number of an insert."""
        with self._lock:
            return self._connection.execute(statement, values).lastrowid or 0

    def run_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Change many rows alike."""
        with self._lock:
            self._connection.executemany(statement, rows)

    def next_change(self) -> int:
        """Return the next place in the sequence of changes, inside a transaction."""
        row = self.row("UPDATE sequence SET last = last + 1 RETURNING last")
        assert row is not None
        return int(row["last"])

    def last_change(self) -> int:
        """Return the last place given."""
        row = self.row("SELECT last FROM sequence")
        assert row is not None
        return int(row["last"])


def _own_file(folder: Path) -> Path:
    """Make the file readable by its owner only, and the folder where it is new.

    SQLite's side files take the file's mode. A folder that was there may be shared, and stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "crm.sqlite"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)
    return path
