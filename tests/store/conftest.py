"""A journal in a folder of its own, and a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.journal"


@pytest.fixture
def noon():
    return lambda: datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
