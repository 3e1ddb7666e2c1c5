from __future__ import annotations

import pytest

from tests.screens.sample import lead, passing_lead, rich_lead
from tests.screens.stage import Clock, StagedSession, session_with


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch):
    for name in ("NO_COLOR", "COLORFGBG", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(tmp_path, clock) -> StagedSession:
    """Thirty leads: one of which all is known, one that passes the definition, and others."""
    with session_with(
        tmp_path, [rich_lead(), passing_lead(), *(lead(number) for number in range(3, 31))], clock
    ) as opened:
        yield opened
