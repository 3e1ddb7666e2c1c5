"""The lower bars at any width: help can always be reached, and what needs the rep is never left out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screens.actions import CONTEXTS, default_keys, footer
from screens.cells import Line
from screens.foot import Connection, counts_zones, keys_line, said_line, status_line
from screens.ink import Inks
from screens.themes import DARK
from screens.words import needing
from tests.screens.sample import NOW
from triage.desk.results import Status
from triage.domain.item import State

INK = Inks.of(DARK).raised
LONG = {"accept": "f12,pagedown", "reject": "ctrl+shift+f11", "undo": "ctrl+pageup", "help": "ctrl+f12"}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("keymap", [{}, {**default_keys(), **LONG}], ids=["as shipped", "long keys"])
def test_the_footer_fits_with_seven_keys_at_most_and_help_among_them(context, width, keymap):
    line, places = keys_line(context, keymap, width, INK)
    assert line.width <= width
    assert len(places) <= 7
    if any(action.id == "help" for action in footer(context)):
        assert places[-1][2].id in ("help", "quit")
        assert "help" in [action.id for _start, _end, action in places]
    if not keymap:
        assert len(places) == len(footer(context))


def test_a_click_finds_each_key_where_it_is_drawn():
    line, places = keys_line("inbox", {}, 80, INK)
    assert [line.text[start:end].split(" ", 1)[1] for start, end, action in places] == [
        action.label for _start, _end, action in places
    ]


statuses = st.builds(
    lambda queued, conflict, offline, error, notices: Status(
        {State.QUEUED: queued, State.CONFLICT: conflict}, offline, NOW, NOW, error, None, tuple(notices)
    ),
    st.integers(0, 99_999),
    st.integers(0, 9_999),
    st.booleans(),
    st.sampled_from(["", "the CRM did not answer " * 4]),
    st.lists(st.sampled_from(["a notice " * 9, "another"]), max_size=2),
)
connections = st.builds(
    lambda down, syncing, reason: Connection(
        syncing=syncing, down_since=NOW if down else None, reason=reason
    ),
    st.booleans(),
    st.sampled_from(["", "fetching leads 12,300 of 50,000"]),
    st.sampled_from(["", "no route to host " * 4]),
)


@settings(deadline=None, max_examples=80)
@given(statuses, connections, st.sampled_from([60, 80, 120, 200]), st.sampled_from(["work", "p" * 64]))
def test_what_needs_the_rep_and_what_is_unsent_are_whole_at_every_width(status, connection, width, profile):
    line = status_line(
        status, connection, profile=profile, now=NOW, width=width, ink=INK, queue_key="ctrl+shift+f12"
    )
    assert line.width <= width
    assert line.text.strip()[0] in "●○◐"
    if status.needs_rep:
        assert f"‼ {needing(status.needs_rep)}: ctrl+shift+f12" in line.text
    if status.unsent:
        assert f"{status.unsent:,} unsent" in line.text


def test_a_narrow_bar_still_says_how_old_the_leads_are_and_whose():
    status = Status({State.QUEUED: 12}, False, NOW, NOW, "", None)
    line = status_line(status, Connection(), profile="work", now=NOW, width=60, ink=INK)
    assert line.text.rstrip().endswith("just now · work")
    assert "12 unsent" in line.text


def test_what_leads_to_the_queue_can_be_clicked_where_it_stands():
    status = Status({State.QUEUED: 12, State.CONFLICT: 2}, False, NOW, NOW, "", None)
    line = status_line(status, Connection(), profile="work", now=NOW, width=80, ink=INK)
    zones = counts_zones(line, lambda: None)
    assert [line.text[start:end] for start, end, _call in zones] == ["‼ 2 need you: Q", "12 unsent"]
    assert counts_zones(Line(" ● online"), lambda: None) == []


def test_a_message_that_is_cut_ends_in_no_dangling_separator():
    told = said_line("Ada Park rejected NOT_ICP_COMPANY · &: same for 2 more", "u undoes", 48, INK).text
    assert told == " Ada Park rejected NOT_ICP_COMPANY… · u undoes"
    for width in range(30, 80):
        line = said_line("Ada Park rejected NOT_ICP · &: same for 2", "u undoes", width, INK)
        assert "·…" not in line.text
        assert line.width <= width
