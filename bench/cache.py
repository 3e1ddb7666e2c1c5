"""The cache of leads: replaced as a whole beside a raw file, and opened beside one reading of its JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from bench.effort import Effort
from bench.homes import scratch
from bench.leads import believable
from bench.ratios import Ratio, alternated, median
from triage.domain.lead import Lead
from triage.store.leads import LEADS, Leads
from triage.store.rows import lead_document
from triage.store.tiny import JournalDB

COUNT = 10_000


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Replace and open 10,000 leads."""
    leads = list(believable(COUNT, datetime.now(UTC)))
    documents = [lead_document(lead) for lead in leads]
    rounds = effort.of(7, least=2)
    with scratch() as here:
        yield _replacing(here, documents, rounds)
        yield _opening(here / "leads", leads, documents, rounds)


def _replacing(here: Path, documents: Sequence[dict[str, Any]], rounds: int) -> Ratio:
    path = here / "table"
    database = JournalDB(path, indexes={LEADS: ("lead_id", "gone")}, durable=False)
    try:
        database.replace_table(LEADS, documents)
        content = path.read_bytes()
        works = {
            "ours": lambda: database.replace_table(LEADS, documents),
            "raw": lambda: _write(here / "raw", content),
        }
        middle = {name: median(times) for name, times in alternated(works, rounds).items()}
    finally:
        database.close()
    return Ratio(
        f"replace {COUNT:,} cached leads",
        "write + fsync + rename of the same bytes",
        middle["ours"] / middle["raw"],
        at_most=2.5,
        remark=f"{middle['ours'] * 1000:.0f} ms, {len(content):,} bytes",
    )


def _opening(path: Path, leads: Sequence[Lead], documents: Sequence[dict[str, Any]], rounds: int) -> Ratio:
    cache = Leads(path)
    cache.replace_all(leads, frozenset(), "bench")
    cache.close()
    text = msgspec.json.encode(documents)
    works = {"ours": lambda: Leads(path).close(), "json": lambda: msgspec.json.decode(text)}
    middle = {name: median(times) for name, times in alternated(works, rounds).items()}
    return Ratio(
        f"open {COUNT:,} cached leads",
        "one decoding of the same documents (msgspec)",
        middle["ours"] / middle["json"],
        at_most=3.0,
        remark=f"{middle['ours'] * 1000:.0f} ms",
    )


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
