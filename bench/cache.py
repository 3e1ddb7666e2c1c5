"""The cache of leads: replaced as a whole and opened, beside the least that its JSON costs by itself."""

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
from triage.domain.outline import Outline
from triage.store.leads import Leads
from triage.store.replica import collector_paused
from triage.store.rows import lead_document

COUNT = 10_000


def ratios(effort: Effort) -> Iterator[Ratio]:
    """Replace and open 10,000 leads."""
    leads = list(believable(COUNT, datetime.now(UTC)))
    documents = [lead_document(lead) for lead in leads]
    rounds = effort.of(7, least=2)
    with scratch() as here:
        yield _replacing(here / "replaced", leads, rounds)
        yield _opening(here / "leads", leads, documents, rounds)


def _replacing(path: Path, leads: Sequence[Lead], rounds: int) -> Ratio:
    """Replace them as a fetch does: each is JSON on the disk, and an outline of it in memory."""
    cache = Leads(path)
    try:
        cache.replace_all(leads, frozenset(), "bench")
        content = path.read_bytes()
        works = {
            "ours": lambda: cache.replace_all(leads, frozenset(), "bench"),
            "least": lambda: _least(path.with_name("raw"), leads, content),
        }
        middle = {name: median(times) for name, times in alternated(works, rounds).items()}
    finally:
        cache.close()
    return Ratio(
        f"replace {COUNT:,} cached leads",
        "msgspec both ways, outlines held, file renamed",
        middle["ours"] / middle["least"],
        at_most=2.5,
        remark=f"{middle['ours'] * 1000:.0f} ms, {len(content):,} bytes",
    )


def _least(path: Path, leads: Sequence[Lead], content: bytes) -> None:
    """Write each lead as JSON, read its outline back and keep it, and put the same bytes on the disk."""
    read = msgspec.json.Decoder(Outline).decode
    with collector_paused():
        outlines = [read(msgspec.json.encode(lead)) for lead in leads]
        _write(path, content)
    assert len(outlines) == COUNT


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
