"""Reads are tried again without a pause, and no test knows which CRM was silent in another."""

from __future__ import annotations

from pathlib import Path

import pytest
import stamina

from tests.crm.pen import Market
from triage.crm import http


@pytest.fixture(autouse=True)
def no_pause_between_tries(monkeypatch):
    monkeypatch.setattr(stamina, "retry_context", _impatient(stamina.retry_context))


@pytest.fixture(autouse=True)
def no_memory_of_silence(monkeypatch):
    monkeypatch.setattr(http, "_silent", set())


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Market:
    """A place for packages that offer adapters."""
    (tmp_path / "packages").mkdir()
    return Market(tmp_path / "packages", monkeypatch)


def _impatient(retry_context):
    def quick(**settings):
        return retry_context(**settings | {"wait_initial": 0.0, "wait_max": 0.0, "wait_jitter": 0.0})

    return quick
