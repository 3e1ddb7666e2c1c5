"""What the other albums leave out: each question as text, and what colour or a sign tells as a picture in each look.

A look changes no letter (`test_screens_pictures.py` keeps both), so a question is kept once a size. To renew: pytest
--snapshot-update FILE.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from screens.foot import Connection
from screens.replies import reading
from tests.screens.reviewing import believable, review_session, reviewing
from tests.screens.sample import NOW
from tests.screens.stage import StagedSession
from tests.screens.test_screens_asking_the_crm import at_a_crm_that_explains
from tests.screens.test_screens_content import CALCULATOR, ERP, SECURITY
from tests.screens.test_screens_pictures import (
    LOOKS,
    SIZES,
    Album,
    _Text,
    as_text,
    leave,
    meet_conflict,
    name_of,
    refuse,
)
from tests.screens.test_screens_proposals import Voting, propose
from tests.screens.test_screens_replies import give, reply, returned
from tests.screens.test_screens_rules import change
from tests.screens.watching import Watch, running, until
from triage.desk.events import FetchAsks, SyncFinished, SyncReport
from triage.desk.results import Status
from triage.desk.rules import ASSETS, CONTENT_REQUESTS
from triage.domain.blind import Blind
from triage.domain.item import State
from triage.domain.review import ReplyKind

pytestmark = [pytest.mark.timeout(120), pytest.mark.usefixtures("one_time_zone", "words_stay")]
EDITED = ("r", "tab")
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "accept, why": ("A",),
    "disqualify": ("d",),
    "reroute": ("t",),
    "reroute, narrowed": ("t", *"to"),
    "snooze": ("z",),
    "snooze, past the SLA": ("z", *"3w", "enter"),
    "snooze refused": ("j", "z"),
    "edit the reason": EDITED,
    "the criterion": (*EDITED, "1"),
    "the contribution": (*EDITED, "3"),
    "the field": (*EDITED, "4"),
    "the other lead": (*EDITED, "5"),
    "the account": (*EDITED, "6"),
    "the territory": (*EDITED, "7"),
    "a note is needed": ("r", "0", "enter"),
    "recycle until": ("y", "tab", "2"),
    "which competitor": ("y", "5"),
    "which feature": ("y", "7"),
    "an objection's words": ("o", "1"),
    "a question heard": ("o", "tab"),
    "content": ("c",),
    "content, narrowed": ("c", *"sec"),
    "content, more": ("c", *"a sheet", "tab"),
    "correct": ("e",),
    "correct to": ("e", "4"),
    "mismatch": ("m",),
    "a long note": ("n", *"words upon words, ", *("and more of them. " * 6)),
    "thanks": ("K",),
    "definition": ("D",),
    "proposal": ("D", "1"),
    "feedback on marked": ("space", "space", "f"),
    "completion": ("slash", *"so", "tab"),
    "nothing to repeat": ("full_stop",),
    "nothing skipped": ("W",),
    "on a lead": ("enter", "r"),
    "a lead's keys": ("enter", "question_mark"),
    "keys narrowed": ("question_mark", *"undo"),
    "palette narrowed": ("ctrl+p", *"theme"),
    "palette, nothing": ("ctrl+p", *"zzzz"),
    "no queue": ("Q",),
    "queue's keys": ("Q", "question_mark"),
    "no history": ("H",),
    "history's keys": ("H", "question_mark"),
    "replies' keys": ("R", "question_mark"),
    "rules": ("v",),
    "rules' keys": ("v", "question_mark"),
    "raw names": ("w",),
    "range": ("V", "j", "j"),
    "undone": ("a", "u"),
    "some skipped": ("space", "space", "space", "G", "space", "d", "1"),
}
"""What is pressed for each, one after the other on one app; then all is left by Esc."""


@pytest.fixture
def stocked(session: StagedSession) -> StagedSession:
    """A desk with assets and an open request."""
    rules = {ASSETS: (SECURITY, CALCULATOR), CONTENT_REQUESTS: (ERP,)}
    session.wait(session.desk.leads.remember_rules, rules)
    return session


class Texts:
    """The kept texts of one size."""

    def __init__(self, snapshot: Any, width: int) -> None:
        self._kept, self._width = snapshot.use_extension(_Text), width

    def compare(self, watch: Watch, name: str) -> None:
        lines = as_text(watch)
        assert {cell_len(line) for line in lines} == {self._width}, name
        assert "\n".join(line.rstrip() for line in lines) == self._kept(name=name)


@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_each_question_says_what_it_did(stocked, snapshot, size):
    texts = Texts(snapshot, size[0])
    async with running(stocked, size) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.go_to("L-0001")
        for name, keys in QUESTIONS.items():
            await watch.press(*keys)
            await watch.pilot.pause()
            texts.compare(watch, name)
            await watch.press(*["escape"] * 4)


# What stands on a screen without a key, or after one that asks the CRM

DOWN = Connection(down_since=NOW, reason="The CRM cannot be reached. Check the network or the VPN.")
STATES: Mapping[str, tuple[Connection, dict[str, Any]]] = {
    "online, all said": (Connection(), {}),
    "syncing": (Connection(syncing="fetching leads 12,300 of 50,000"), {}),
    "down": (DOWN, {"counts": {State.QUEUED: 12, State.REFUSED: 1}}),
    "offline by choice": (Connection(), {"offline": True, "counts": {State.QUEUED: 12}}),
    "error": (Connection(), {"last_error": "The CRM answered with an error (502)."}),
    "sign-in ends": (Connection(), {"access": "sign-in ends in 3 days: triage login work"}),
    "all at once": (
        DOWN,
        {
            "counts": {State.QUEUED: 1_200, State.UNKNOWN: 4, State.CONFLICT: 12},
            "unread": 7,
            "notices": ("The disk is almost full.",),
            "access": "sign-in ends in 3 days",
        },
    ),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_how_things_stand_looks_as_it_did(session, snapshot, size, look):
    album = Album(snapshot, size[0])
    async with running(session, size, theme=look) as watch:
        await until(watch.app.bridge.idle.is_set)
        day = watch.app.day
        for name, (connection, differs) in STATES.items():
            plain = Status({}, False, NOW - timedelta(minutes=2), NOW, "", None)
            day.connection, day.status = connection, replace(plain, **differs)
            watch.app.screen.show()
            await watch.pilot.pause()
            album.compare(watch, name)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_a_proposal_and_changed_rules_look_as_they_did(session, snapshot, size, look):
    album = Album(snapshot, size[0])
    propose(session, Voting(), disputes=31)
    async with running(session, size, theme=look) as watch:
        watch.app.day.decided_before = True
        await until(watch.app.bridge.idle.is_set)
        await watch.press("v")
        await watch.sees("Proposed")
        for name, keys in {"proposed": (), "agrees": ("1",), "declines": ("escape", "2", "enter")}.items():
            await watch.press(*keys)
            await watch.pilot.pause()
            album.compare(watch, name)
        await watch.press("escape", "escape")
        change(session)
        await watch.app.news.leads_changed(None)
        await watch.pilot.pause()
        album.compare(watch, "banner")
        await watch.press("v")
        await watch.sees("has to be proposed anew")
        album.compare(watch, "changed")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_replies_and_a_lead_that_came_back_look_as_they_did(session, snapshot, monkeypatch, size, look):
    monkeypatch.setattr(reading, "READ_AFTER", 60.0)
    album = Album(snapshot, size[0])
    returned(session)
    kinds = (ReplyKind.PLANNED, ReplyKind.NO_CHANGE, ReplyKind.NEED_INFO)
    give(session, *(reply(number, kind) for number, kind in enumerate(kinds, 5)))
    async with running(session, size, theme=look) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("g", "g")
        await watch.pilot.pause()
        album.compare(watch, "returned")
        await watch.press("R")
        await watch.sees("from marketing")
        album.compare(watch, "replies")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_what_the_crm_is_asked_first_looks_as_it_did(tmp_path, snapshot, size, look):
    album = Album(snapshot, size[0])
    with at_a_crm_that_explains(tmp_path) as (session, oracle):
        async with running(session, size, theme=look) as watch:
            await until(watch.app.bridge.idle.is_set)
            oracle.may_answer.clear()
            await watch.press("E")
            await watch.sees("Asking Odoo why")
            album.compare(watch, "asking why")
            oracle.may_answer.set()
            await watch.sees("the reasons stand with the score now")
            album.compare(watch, "told why")
            await watch.press("a")
            await watch.sees("cannot take back")
            album.compare(watch, "final")
            await watch.press("escape")
            session.desk._blind = Blind(1.0)
            await watch.app.news.leads_changed(None)
            watch.app.screen.unsay()
            await watch.pilot.pause()
            album.compare(watch, "hidden score")


@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_what_a_fetch_asks_and_what_keeps_a_rep_says_what_it_did(session, snapshot, monkeypatch, size):
    texts = Texts(snapshot, size[0])
    quitting = SimpleNamespace(said="")
    session.during = lambda: [FetchAsks(30, 2), SyncFinished(SyncReport())]
    async with running(session, size) as watch:
        await watch.sees("nothing was replaced")
        texts.compare(watch, "a fetch asks")
        await watch.press("S")
        await watch.pilot.pause()
        texts.compare(watch, "replace them")
        await watch.press("escape")
        await until(watch.app.bridge.idle.is_set)
        monkeypatch.setattr(watch.app, "_quit_when_sent", lambda: None)
        session.during = None
        await watch.press("a")
        monkeypatch.setattr(watch.app.bridge, "now", lambda **_: setattr(quitting, "said", "sync"))
        await watch.press("q")
        await watch.sees("unsent: sending now")
        texts.compare(watch, "leaving")
        assert quitting.said == "sync"


@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_the_ways_out_of_the_queue_say_what_they_did(session, snapshot, size):
    texts = Texts(snapshot, size[0])
    async with running(session, size) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("r", "8")
        refuse(session)
        await watch.press("j", "a")
        meet_conflict(session)
        await watch.press("a", "Q", "T")
        await watch.pilot.pause()
        texts.compare(watch, "try all")
        await watch.press("escape", "j")
        await watch.pilot.pause()
        texts.compare(watch, "refused")


REVIEW: Mapping[str, tuple[str, ...]] = {
    "groups": (),
    "all": ("tab", "tab", "tab"),
    "narrow": ("slash",),
    "help": ("question_mark",),
    "group": ("enter",),
    "one lead": ("enter", "enter"),
    "answer": ("4",),
    "no change": ("6",),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_the_review_looks_as_it_did(tmp_path, clock, snapshot, size, look):
    album = Album(snapshot, size[0])
    with review_session(tmp_path, clock, *believable()) as (session, _crm):
        async with reviewing(session, size, theme=look) as watch:
            for name, keys in REVIEW.items():
                await watch.press(*keys)
                await watch.pilot.pause()
                album.compare(watch, name)
                await leave(watch)
                if name == "all":
                    await watch.press("tab")
