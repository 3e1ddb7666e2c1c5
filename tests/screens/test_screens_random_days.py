"""Whatever is pressed: nothing breaks, nothing unseen is decided, and undo leads back to where the day began."""

from __future__ import annotations

import asyncio
import gc
import random
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import pytest
from msgspec.structs import replace
from textual import events

from screens import sight
from screens.actions import (
    ACTIONS,
    CONTEXTS,
    HISTORY,
    INBOX,
    INSIGHTS,
    LEAD,
    QUEUE,
    REPLIES,
    REVIEW,
    REVIEW_GROUP,
    RULES,
)
from screens.habits import Habits
from screens.inbox.screen import InboxScreen
from tests.fakes import FakeCrm
from tests.insights.world import decided
from tests.screens.sample import NOW, lead
from tests.screens.test_screens_content import CALCULATOR, ERP, SECURITY
from tests.screens.test_screens_pictures import meet_conflict, refuse
from tests.screens.test_screens_proposals import PROPOSED, ROBIN, propose
from tests.screens.test_screens_replies import give, reply
from tests.screens.watching import PATIENCE, Eye, Watch, named_leads, running, until
from triage.desk.rules import ASSETS, CONTENT_REQUESTS, PROVIDED
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Inbox, View
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.domain.people import Rep
from triage.domain.proposals import Word
from triage.domain.provided import Provided
from triage.domain.query import parse
from triage.domain.score import Reasons
from triage.domain.views import own_view

RUNS, LONG_RUNS = 100, 1_000
LEADS = 40
MARKETINGS = frozenset({REVIEW, REVIEW_GROUP})
KEYS = sorted({
    key
    for action in ACTIONS
    if not MARKETINGS.issuperset(action.contexts)
    for keys in action.keys
    for key in keys.split(" ")
})  # fmt: skip
"""Every key a rep has; what leaves the app or starts another program stays here."""
OFTEN = (
    tuple("aaarrrryyzuu..jjjkV*-+=o")
    + tuple("1234567890")
    + ("space", "enter", "enter", "tab", "escape", "backspace")
)
TYPED = tuple("acme 3d 2w")
ERRANDS: tuple[tuple[str, ...], ...] = (
    ("slash", *"so", "tab", *"web", "enter"),
    ("slash", *"band:A,B", "enter"),
    ("asterisk", "r", "8", "enter"),
    ("space", "space", "d", "6"),
    ("t", *"Sam", "enter", "enter"),
    ("r", "tab", "2", "1"),
    ("y", "5", *"Rival", "enter", "enter"),
    ("f", "o", "1", *"too much", "enter"),
    ("o", "tab", *"why", "enter"),
    ("c", *"a sheet", "tab", *"pdf", "enter"),
    ("e", "4", *"x@y.example", "enter"),
    ("D", "1", *"more", "enter"),
    ("n", *"good", "enter"),
    ("K", "enter"),
    ("enter", "enter", "minus"),
    ("enter", "E", "a"),
    ("v", "1", "enter"),
    ("v", "2", *"no", "enter"),
    ("I", "enter", "j", "l", "enter", "enter"),
    ("R", "x", "enter", "a"),
    ("H", "enter", "u"),
    ("Q", "j", "enter", "3"),
    ("Q", "1", "enter"),
    ("Q", "2", "a"),
    ("Q", "T", "enter"),
    ("question_mark", *"undo", "pagedown"),
    ("ctrl+p", *"view", "down", "enter"),
    ("ctrl+p", *"theme", "enter"),
    ("ctrl+p", *"L-0003", "enter", "a"),
    ("ctrl+p", *"offline", "enter"),
    ("s", "3", "s", "3"),
)
"""What takes several keys, each pressed once the one before is done with: random keys seldom get so far."""
PASTED = ("acme", "two\nlines\r", "\x1b[31mred", "a" * 3_000, "")
ROOMS = (INBOX, LEAD, QUEUE, HISTORY, REPLIES, RULES, INSIGHTS)
UNTOLD = {FeedbackType.RETRACTION, FeedbackType.WIN_REASON}
"""What undo says, and what can be told of a won lead only."""
OWN = own_view("Webinars", parse("source:webinar"), View.INBOX)
SIZES = ((80, 24), (60, 16), (120, 36), (40, 10), (200, 50))


@dataclass
class RandomDay:
    """One app, on which random keys are pressed and taken back again."""

    watch: Watch
    session: object
    eye: Eye
    chance: random.Random
    pressed: list[str] = field(default_factory=list)
    acted: int = 0
    met: set[str] = field(default_factory=set)
    """The screens that were in front, the acts and the kinds of feedback that were meant."""
    wrong: list[str] = field(default_factory=list)
    """What was meant though it was not in front; an error where it is written would only end the app."""

    def listen(self) -> None:
        """Judge each write at the moment it is made: only what is marked or in front may be meant."""
        really = self.session.call

        async def call(fn, *args, **kwargs):
            if getattr(fn, "__name__", "") in ("decide", "feedback"):
                self.acted += 1
                self.met.add(args[1].value)
                self._judge(tuple(args[0]))
            return await really(fn, *args, **kwargs)

        self.session.call = call

    def _judge(self, meant: tuple[str, ...]) -> None:
        tray = self.watch.tray
        seen = self.eye.at(monotonic())
        if len(meant) == 1 and not tray.inbox.marks:
            self.wrong += [f"{meant[0]} was meant, {seen} seen"] * (meant[0] != seen)
        else:
            self.wrong += [f"{one} was meant, and not shown" for one in meant if one not in tray.shown]

    async def press(self, *keys: str) -> None:
        """Press keys; an app that breaks answers no more."""
        self.pressed.extend(keys)
        await asyncio.wait_for(self.watch.press(*keys), PATIENCE)
        assert not self.wrong, (self.wrong, self.pressed)

    async def run(self, length: int) -> None:
        """Press some keys, some of them faster than anything is painted."""
        for _ in range(length):
            await self.chance.choices((self._keys, self._errand, self._world), (12, 3, 1))[0]()
            self.met.add(self.watch.app.screen.where)
        await self.watch.pilot.resize_terminal(80, 24)

    async def _keys(self) -> None:
        keys = self.chance.choices(
            self.chance.choice((OFTEN, OFTEN, KEYS, TYPED)), k=self.chance.choice((1, 1, 2, 4))
        )
        await self.press(*keys)

    async def _errand(self) -> None:
        for key in self.chance.choice(ERRANDS):
            await self.press(key)
            await asyncio.sleep(sight.TYPED_AHEAD)

    async def _world(self) -> None:
        """Let the window change, a text be pasted, or the CRM refuse the newest decision or dispute it."""
        what = self.chance.choice(("size", "paste", "refuse", "conflict"))
        self.pressed.append(f"<{what}>")
        if what == "size":
            await self.watch.pilot.resize_terminal(*self.chance.choice(SIZES))
        elif what == "paste":
            self.watch.app.post_message(events.Paste(self.chance.choice(PASTED)))
            await self.press()
        elif self.session.thread.call(self._newest_is_a_decision):
            (refuse if what == "refuse" else meet_conflict)(self.session)
            await self.watch.app.news.leads_changed(None)

    def _newest_is_a_decision(self) -> bool:
        queued = self.session.desk.outbox.in_states([State.QUEUED])
        return bool(queued) and queued[-1].decision is not None

    async def go_home(self) -> None:
        """Step back until the inbox is in front and nothing is open, marked or filtered."""
        app, tray = self.watch.app, self.watch.tray
        for _ in range(60):
            at_home = isinstance(app.screen, InboxScreen) and app.day.asking.question is None
            if at_home and not (tray.inbox.marks or tray.inbox.query.text or tray.anchor is not None):
                break
            await self.press("escape")
        else:
            raise AssertionError(f"there is no way back from {app.screen}: {self.pressed}")
        app.look_at(View.INBOX)

    async def undo_all(self) -> None:
        """Press `u` until nothing of the day stands."""
        for _ in range(20 * len(self.pressed) + 20):
            if not standing(self.session):
                break
            before = standing(self.session)
            await self.press("u")
            # Fewer stand, or one more: what was dropped in the queue comes back before it is taken back.
            assert standing(self.session) != before, f"u took nothing back: {self.pressed}"
        await self.watch.pilot.pause()


def standing(session) -> list:
    """What the rep said and has not taken back."""
    left = (State.WITHDRAWN, State.SUPERSEDED)
    return [item for item in session.thread.call(session.desk.queue) if item.state not in left]


def as_it_lies(session, watch: Watch):
    """The inbox and what hangs on it, as far as a rep can tell."""
    entries = session.thread.call(session.desk.entries)
    bare = {one.lead_id: replace(one, decision=None, answers=None) for one in entries}
    return bare, Inbox.of(entries, watch.app.day.clock()).shown, frozenset(watch.tray.shown)


class Crm(FakeCrm):
    """A CRM that answers whatever a rep asks it at once, and changes nothing by it."""

    async def whoami(self) -> Rep:
        return Rep("rep-1", "Robin Example")

    async def explain(self, lead_id: LeadId):
        return lead(int(lead_id[2:])).score

    async def vote(self, _proposal_id: str, *, agrees: bool, why: str = ""):
        return replace(PROPOSED, words=(Word("sales", ROBIN, agrees, why),))


def furnish(session) -> None:
    """Give the desk all that a rep may meet: answers, a proposal, a CRM that explains, and cannot take all back."""
    propose(session, Crm(session.desk.clock))
    provided = Provided("Odoo", Reasons.WEIGHTS, explains=True, final=(Act.REROUTE.value,))
    rules = {PROVIDED: provided, ASSETS: (SECURITY, CALCULATOR), CONTENT_REQUESTS: (ERP,)}
    session.wait(session.desk.leads.remember_rules, rules)
    give(session, reply(1), reply(2))
    seen = tuple(
        decided(Act.ACCEPT, lead_id=f"L-{n:04d}", decided_at=NOW - timedelta(days=n)) for n in (1, 2)
    )
    office = Crm(session.desk.clock, reviewed_decisions=seen)
    session.connect = office.connect


def stay_inside(monkeypatch, app) -> None:
    """Keep the app from ending and from starting other programs."""

    async def edited(text: str) -> str:
        return f"{text} edited"

    monkeypatch.setattr(app, "exit", lambda *_args, **_more: None)
    monkeypatch.setattr(app, "open_url", lambda *_args, **_more: None)
    app.day.asking.editor = edited


async def random_days(folder, clock, eye: Eye, monkeypatch, *, seed: int, runs: int) -> set[str]:
    monkeypatch.setattr(sight, "STANDS", 0.004)
    monkeypatch.setattr(sight, "TYPED_AHEAD", 0.002)
    chance = random.Random(seed)
    with named_leads(folder, clock, LEADS) as session:
        furnish(session)
        async with running(session, habits=Habits(views=(OWN,))) as watch:
            stay_inside(monkeypatch, watch.app)
            at_first, acted, met = as_it_lies(session, watch), 0, set[str]()
            for _ in range(runs):
                day = RandomDay(watch, session, eye, chance)
                really = session.call
                day.listen()
                await day.run(12)
                await day.go_home()
                await day.undo_all()
                session.call, acted = really, acted + day.acted
                met |= day.met
                assert as_it_lies(session, watch) == at_first, f"seed {seed}: {day.pressed}"
            assert acted > runs
            return met


@pytest.mark.timeout(300)
async def test_a_hundred_random_days_break_nothing_and_undo_leads_back_to_the_start(
    tmp_path, clock, eye, monkeypatch
):
    met = await random_days(tmp_path, clock, eye, monkeypatch, seed=11, runs=RUNS)
    missing = {CONTEXTS[room] for room in ROOMS} | {*Act} - {Act.RESTORE} | {*FeedbackType} - UNTOLD
    assert not missing - met, missing - met


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(10))
async def test_a_thousand_random_days_break_nothing(tmp_path, clock, eye, monkeypatch, seed):
    await random_days(tmp_path, clock, eye, monkeypatch, seed=seed, runs=LONG_RUNS // 10)


async def test_who_quits_and_goes_on_in_the_same_breath_stays_and_leaves_nothing_behind(session):
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("a")
        await watch.press("q", "j", "k")
        assert watch.app.is_running
        assert not watch.app._leaving
    gc.collect()  # a coroutine that nobody ever awaited is an error by then
