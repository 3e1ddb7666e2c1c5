from __future__ import annotations

import time

import pytest

from screens import room
from screens.widgets.bars import Bar
from screens.widgets.lead_list import LeadList
from tests.screens.sample import lead, passing_lead, rich_lead
from tests.screens.stage import Clock, StagedSession, session_with
from tests.screens.watching import Eye


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch):
    for name in ("NO_COLOR", "COLORFGBG", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def one_time_zone(monkeypatch):
    """Pictures show moments as the rep's clock does."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def words_stay(monkeypatch):
    """What is said stays however slow the machine is: it would be gone from one picture, and not from another."""
    monkeypatch.setattr(room, "SAID_FOR", 3600.0)
    monkeypatch.setattr(room, "REFUSED_FOR", 3600.0)


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


@pytest.fixture
def eye(monkeypatch) -> Eye:
    """Watch every strip on its way to the screen; each lead of these tests is named by its id."""
    looking = Eye()

    def watch(kind: type, sign: str) -> None:
        drawn = kind.render_lines

        def render_lines(self, crop):
            strips = drawn(self, crop)
            if kind is LeadList or self.id == "title":
                for strip in strips:
                    if strip.text.startswith(sign) and "L-" in strip.text:
                        looking.saw(strip.text[strip.text.index("L-") :][:6])
            return strips

        monkeypatch.setattr(kind, "render_lines", render_lines)

    watch(LeadList, "▌")
    watch(Bar, "─")
    return looking
