"""An adapter in memory that keeps to the port, for tests to spoil one word of it; and a place to install it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from triage.clock import utc_now
from triage.crm import registry
from triage.crm.bare import Bare
from triage.crm.port import LeadPage
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Absent, Already, Applied, Outcome, Receipt, Verdict
from triage.domain.people import Rep

TOKEN = "TOKEN-abc123-sentinel"
URL = "https://crm.example.com"
ME = Owner("rep-1", "Robin Example")
LEADS = tuple(
    Lead(LeadId(f"L{number}"), "1", LeadStatus.ASSIGNED, ME, name=f"Lead {number}", fetched_at=utc_now())
    for number in (1, 2, 3)
)


class PenCrm(Bare):
    """A CRM of the whole process: what it has taken is kept by the class."""

    taken: ClassVar[dict[str, str]] = {}
    effects: ClassVar[list[str]] = []

    def __init__(self, url: str, token: str, *, ca_file: str | None = None) -> None:
        self.url = url
        self.token = token

    async def whoami(self) -> Rep:
        return Rep("rep-1", "Robin Example")

    async def fetch(self, cursor: str | None) -> AsyncIterator[LeadPage]:
        yield LeadPage(() if cursor else LEADS, (), "1", more=False)

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        return {item.id: self.take(item) for item in items}

    async def verify(self, item: Item) -> Verdict:
        return Already(Receipt(self.taken[item.id])) if item.id in self.taken else Absent()

    async def aclose(self) -> None:
        pass

    def take(self, item: Item) -> Outcome:
        """Let an item take effect."""
        self.effects.append(item.id)
        return Applied(Receipt(self.taken.setdefault(item.id, f"R{len(self.effects)}")))


class Market:
    """Where packages are published that offer adapters; they are installed at once."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        monkeypatch.syspath_prepend(str(folder))

    def publish(
        self, value: str, *, name: str = "pen", package: str = "triage-pen", source: str = ""
    ) -> None:
        """Install a package with one entry point; `source` is its module `triage_pen`."""
        metadata = self._folder / f"{package.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir(exist_ok=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{name} = {value}\n")
        if source:
            (self._folder / "triage_pen.py").write_text(source)
            self._monkeypatch.delitem(sys.modules, "triage_pen", raising=False)
        importlib.invalidate_caches()

    def offer(self, adapter: Any) -> None:
        """Install a package whose adapter is this class, or function."""
        self.publish(f"{__name__}:offered")
        self._monkeypatch.setattr(sys.modules[__name__], "offered", adapter, raising=False)
