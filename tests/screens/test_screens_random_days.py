"""Whatever is pressed: nothing breaks, nothing unseen is decided, and undo leads back to where the day began."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from time import monotonic

import pytest
from msgspec.structs import replace

from screens import sight
from screens.actions import ACTIONS, INBOX, LEAD, QUEUE
from screens.inbox.screen import InboxScreen
from tests.screens.watching import Eye, Watch, named_leads, running
from triage.domain.inbox import Inbox, View
from triage.domain.item import State

RUNS, LONG_RUNS = 100, 1_000
LEADS = 40
NOT_PRESSED = frozenset({"quit", "palette", "crm", "editor"})
"""What leaves the app, or starts another program."""
KEYS = sorted({
    key
    for action in ACTIONS
    if {INBOX, LEAD, QUEUE} & set(action.contexts) and action.id not in NOT_PRESSED
    for key in action.keys
    if " " not in key
})  # fmt: skip
OFTEN = (
    tuple("aaarrrryyzuu..jjjkV*-+=o")
    + tuple("1234567890")
    + ("space", "enter", "enter", "tab", "escape", "backspace")
)
TYPED = tuple("acme 3d 2w")
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

    def listen(self) -> None:
        """Judge each write at the moment it is made: only what is marked or in front may be meant."""
        really = self.session.call

        async def call(fn, *args, **kwargs):
            if getattr(fn, "__name__", "") in ("decide", "feedback"):
                self.acted += 1
                self._judge(tuple(args[0]))
            return await really(fn, *args, **kwargs)

        self.session.call = call

    def _judge(self, meant: tuple[str, ...]) -> None:
        tray = self.watch.tray
        if len(meant) == 1 and not tray.inbox.marks:
            assert meant[0] == self.eye.at(monotonic()), self.pressed
        else:
            assert set(meant) <= set(tray.shown), self.pressed

    async def run(self, length: int) -> None:
        """Press some keys, some of them faster than anything is painted."""
        for _ in range(length):
            keys = self.chance.choices(
                self.chance.choice((OFTEN, OFTEN, KEYS, TYPED)), k=self.chance.choice((1, 1, 2, 4))
            )
            self.pressed.extend(keys)
            if self.chance.random() < 0.05:
                await self.watch.pilot.resize_terminal(*self.chance.choice(SIZES))
            await self.watch.press(*keys)
        await self.watch.pilot.resize_terminal(80, 24)

    async def go_home(self) -> None:
        """Step back until the inbox is in front and nothing is open, marked or filtered."""
        app, tray = self.watch.app, self.watch.tray
        for _ in range(60):
            at_home = isinstance(app.screen, InboxScreen) and app.day.asking.question is None
            if at_home and not (tray.inbox.marks or tray.inbox.query.text or tray.anchor is not None):
                break
            await self.watch.press("escape")
        else:
            raise AssertionError(f"there is no way back from {app.screen}: {self.pressed}")
        app.look_at(View.INBOX)

    async def undo_all(self) -> None:
        """Press `u` until nothing of the day stands."""
        for _ in range(20 * len(self.pressed) + 20):
            if not standing(self.session):
                break
            before = standing(self.session)
            await self.watch.press("u")
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
    bare = {one.lead_id: replace(one, decision=None) for one in entries}
    return bare, Inbox.of(entries, watch.app.day.clock()).shown, frozenset(watch.tray.shown)


async def random_days(folder, clock, eye: Eye, monkeypatch, *, seed: int, runs: int) -> None:
    monkeypatch.setattr(sight, "STANDS", 0.004)
    monkeypatch.setattr(sight, "TYPED_AHEAD", 0.002)
    chance = random.Random(seed)
    with named_leads(folder, clock, LEADS) as session:
        async with running(session) as watch:
            at_first, acted = as_it_lies(session, watch), 0
            for _ in range(runs):
                day = RandomDay(watch, session, eye, chance)
                really = session.call
                day.listen()
                await day.run(12)
                await day.go_home()
                await day.undo_all()
                session.call, acted = really, acted + day.acted
                assert as_it_lies(session, watch) == at_first, f"seed {seed}: {day.pressed}"
            assert acted > runs


@pytest.mark.timeout(300)
async def test_a_hundred_random_days_break_nothing_and_undo_leads_back_to_the_start(
    tmp_path, clock, eye, monkeypatch
):
    await random_days(tmp_path, clock, eye, monkeypatch, seed=11, runs=RUNS)


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(10))
async def test_a_thousand_random_days_break_nothing(tmp_path, clock, eye, monkeypatch, seed):
    await random_days(tmp_path, clock, eye, monkeypatch, seed=seed, runs=LONG_RUNS // 10)
