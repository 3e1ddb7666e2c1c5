"""Keys typed ahead, news under the cursor, windows that change: a decision hits the lead that was on the screen."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from time import monotonic

import pytest
from msgspec.structs import replace
from textual import events

from screens import sight
from screens.asking.questions import Confirm
from screens.inbox.screen import InboxScreen
from screens.lead.screen import LeadScreen
from screens.queue.screen import QueueScreen
from screens.widgets.at_once import PaintingScreen
from screens.widgets.lead_list import LeadList
from screens.widgets.line_pane import LinePane
from tests.screens.test_screens_app import moved
from tests.screens.test_screens_deciding import decided
from tests.screens.watching import Eye, Watch, named_leads, running, until
from triage.domain.item import State

RUNS, LONG_RUNS = 120, 10_000
KINDS = ("calm", "calm", "burst", "news", "gone", "size", "lead", "filter")
"""What may happen next; each is a method of `Chance`."""
SIZES = ((80, 24), (60, 16), (120, 30), (160, 48), (70, 20))


@dataclass
class Chance:
    """One long random run on one app, told by a seed."""

    watch: Watch
    session: object
    eye: Eye
    random: random.Random
    kinds: tuple[str, ...] = KINDS
    acted: list[tuple[str, str]] = field(default_factory=list)
    """Lead decided, lead on the screen when that was written."""

    def listen(self) -> None:
        """Look at the screen at the moment a decision is written."""
        really, session = self.session.call, self.session

        async def call(fn, *args, **kwargs):
            if getattr(fn, "__name__", "") == "decide":
                (lead_id,) = args[0]
                self.acted.append((lead_id, self.eye.at(monotonic())))
            return await really(fn, *args, **kwargs)

        session.call = call

    async def step(self) -> None:
        await getattr(self, self.random.choice(self.kinds))()

    async def calm(self) -> None:
        """Press one deciding key on what has been seen."""
        await self.settle()
        shown, before = self.eye.at(monotonic()), len(self.acted)
        await self.watch.press(*self.random.choice((("a",), ("r", "8"), ("r", "1"))))
        assert [one[0] for one in self.acted[before:]] in ([shown], [])

    async def burst(self) -> None:
        """Press up to eight keys faster than anything can be painted."""
        keys = [self.random.choice("aaajkrr8u1") for _ in range(self.random.randint(1, 8))]
        await self.watch.press(*keys)
        await self.watch.press("escape")

    async def news(self) -> None:
        """Let leads change under the cursor, with keys before and behind."""
        shown = self.watch.tray.shown
        changed = [self.watch.tray.cursor, *self.random.sample(shown, min(len(shown), 3))]
        self.watch.ahead(self.random.choice("ajk"))
        self.session.thread.call(self._touch, [one for one in changed if one])
        await self.watch.app.news.leads_changed([one for one in changed if one])
        await self.watch.press("a")

    def _touch(self, lead_ids) -> None:
        leads = self.session.desk.leads
        for lead_id in lead_ids:
            known = leads.find(lead_id)
            if known is not None:
                leads.put(replace(known.lead, attempts=known.lead.attempts + 1))

    async def gone(self) -> None:
        """Read everything afresh while keys are on their way."""
        self.watch.ahead("j", "a")
        await self.watch.app.news.leads_changed(None)
        await self.watch.press("a")

    async def size(self) -> None:
        """Change the window while keys are on their way."""
        self.watch.ahead(self.random.choice("ajk"))
        await self.watch.pilot.resize_terminal(*self.random.choice(SIZES))
        await self.watch.press("a")

    async def lead(self) -> None:
        """Decide on the lead's own screen, typed ahead, and go back."""
        await self.watch.press("enter", *self.random.choice((("a",), ("a", "a"), ("r", "8", "a"))), "escape")
        while isinstance(self.watch.app.screen, LeadScreen):
            await self.watch.press("q")
        await until(lambda: isinstance(self.watch.app.screen, InboxScreen))

    async def filter(self) -> None:
        """Filter, decide, and take the filter away."""
        await self.watch.press("slash", *self.random.choice(("con", "vp", "0")), "enter", "a", "escape")

    async def settle(self) -> None:
        await self.watch.pilot.pause()
        await asyncio.sleep(sight.TYPED_AHEAD)


async def be_random(
    folder, clock, eye: Eye, monkeypatch, *, seed: int, runs: int, kinds=KINDS, alike=False
) -> None:
    monkeypatch.setattr(sight, "STANDS", 0.004)
    monkeypatch.setattr(sight, "TYPED_AHEAD", 0.002)
    chance = random.Random(seed)
    done = 0
    while done < runs:
        folder.joinpath(str(done)).mkdir(parents=True)
        with named_leads(folder / str(done), clock, 400, alike=alike) as session:
            async with running(session) as watch:
                run = Chance(watch, session, eye, chance, kinds)
                run.listen()
                while done < runs and len(watch.tray.shown) > 20:
                    await run.step()
                    done += 1
                    wrong = [(lead_id, seen) for lead_id, seen in run.acted if lead_id != seen]
                    assert wrong == [], f"seed {seed}, run {done}"
                assert run.acted


async def test_whatever_comes_together_a_decision_hits_the_lead_that_was_on_the_screen(
    tmp_path, clock, eye, monkeypatch
):
    await be_random(tmp_path, clock, eye, monkeypatch, seed=7, runs=RUNS)


async def test_with_every_paint_left_to_the_toolkit_no_decision_runs_ahead_of_it(
    tmp_path, clock, eye, monkeypatch
):
    monkeypatch.setattr(PaintingScreen, "paint", later)
    await be_random(tmp_path, clock, eye, monkeypatch, seed=7, runs=RUNS // 2)


def later(_screen: PaintingScreen) -> None:
    """Leave the paint to the toolkit's own tick."""


async def test_leads_that_differ_in_nothing_but_their_name_are_told_apart(tmp_path, clock, eye, monkeypatch):
    await be_random(tmp_path, clock, eye, monkeypatch, seed=7, runs=40, kinds=("lead",), alike=True)


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(10))
async def test_ten_thousand_random_runs_hit_what_was_on_the_screen(tmp_path, clock, eye, monkeypatch, seed):
    await be_random(tmp_path, clock, eye, monkeypatch, seed=seed, runs=LONG_RUNS // 10)


@pytest.mark.parametrize("blind", [(LeadList, "burst"), (LinePane, "lead")])
async def test_the_check_sees_an_act_that_waits_for_no_paint(tmp_path, clock, eye, monkeypatch, blind):
    async def at_once(self, pressed_at):
        return True

    monkeypatch.setattr(blind[0], "painted", at_once)
    monkeypatch.setattr(PaintingScreen, "paint", later)
    found = None
    for seed in range(7, 27):  # chance decides in which runs a key overtakes a paint
        try:
            folder = tmp_path / f"seed-{seed}"
            await be_random(folder, clock, eye, monkeypatch, seed=seed, runs=RUNS, kinds=blind[1:])
        except AssertionError as error:
            found = error
            break
    assert found is not None
    assert "seed" in str(found)


class Slept:
    """How long something waited, on a clock that only waiting moves."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.seconds = 100.0, 0.0
        monkeypatch.setattr(sight, "monotonic", lambda: self.now)
        monkeypatch.setattr(sight.asyncio, "sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += seconds


@pytest.mark.parametrize(
    ("pressed_after", "waited"), [(-1.0, 0.15), (0.0, 0.15), (0.05, 0.10), (0.07, 0.0), (5.0, 0.0)]
)
async def test_a_key_typed_ahead_waits_until_the_lead_has_stood_150_ms(monkeypatch, pressed_after, waited):
    slept, seen = Slept(monkeypatch), sight.Sight()
    painted_at = slept.now
    seen.show()
    slept.now += max(pressed_after, 0)
    assert await seen.stood(painted_at + pressed_after)
    assert slept.seconds == pytest.approx(waited)


async def test_what_is_not_painted_is_not_acted_on(monkeypatch):
    monkeypatch.setattr(sight, "_PATIENCE", 0.01)
    seen = sight.Sight()
    assert not await seen.stood(0)
    seen.show()
    assert await seen.stood(monotonic())
    seen.hide()
    assert not await seen.stood(monotonic())


async def test_on_the_leads_own_screen_keys_typed_ahead_meet_leads_that_were_painted(tmp_path, clock, eye):
    with named_leads(tmp_path, clock, 30) as session:
        async with running(session) as watch:
            await watch.press("enter")
            await until(lambda: isinstance(watch.app.screen, LeadScreen))
            run = Chance(watch, session, eye, random.Random(1))
            run.listen()
            watch.ahead(*"aaaa")
            await until(lambda: len(decided(session)) == 4)
            assert [seen for _lead_id, seen in run.acted] == [lead_id for lead_id, _seen in run.acted]
            assert len({lead_id for lead_id, _seen in run.acted}) == 4


async def test_enter_typed_ahead_confirms_nothing_before_the_question_was_there(tmp_path, clock):
    with named_leads(tmp_path, clock, 30) as session:
        async with running(session) as watch:
            await watch.press("asterisk", "a")
            asking = watch.app.day.asking
            assert isinstance(asking.question, Confirm)
            enter = watch.app.screen.press_of("enter", "\r")
            assert await asking.press(replace(enter, at=monotonic() - 1))
            assert isinstance(asking.question, Confirm)
            assert decided(session) == []
            assert await asking.press(replace(enter, at=monotonic() + 1))
            assert len(decided(session)) == 30


async def test_a_digit_in_the_queue_does_nothing_when_news_just_gave_it_another_meaning(tmp_path, clock):
    with named_leads(tmp_path, clock, 30) as session:
        async with running(session) as watch:
            await watch.press("a", "Q")
            await until(lambda: isinstance(watch.app.screen, QueueScreen))
            key = events.Key("3", "3")
            moved(session, State.REFUSED, error="no")
            await watch.app.screen.take_news()
            watch.app.post_message(key)
            await watch.sees("The queue changed under the key")
            (item,) = session.thread.call(session.desk.queue)
            assert item.state is State.REFUSED


async def test_a_key_for_what_never_came_onto_the_screen_does_nothing_and_says_so(
    tmp_path, clock, monkeypatch
):
    async def never(_sight, _pressed_at):
        return False

    with named_leads(tmp_path, clock, 3) as session:
        async with running(session) as watch:
            monkeypatch.setattr(sight.Sight, "stood", never)
            await watch.press("a")
            await watch.sees("nothing was done")
            assert session.thread.call(session.desk.queue) == ()


async def test_a_digit_in_the_queue_waits_until_its_item_could_be_read(tmp_path, clock, monkeypatch):
    asked, stood = asyncio.Event(), asyncio.Event()

    async def patient(_sight, pressed_at):
        assert pressed_at == key.time
        asked.set()
        return await stood.wait()

    with named_leads(tmp_path, clock, 30) as session:
        async with running(session) as watch:
            await watch.press("a", "Q")
            await until(lambda: isinstance(watch.app.screen, QueueScreen))
            moved(session, State.REFUSED, error="no")
            await watch.app.screen.reload()
            monkeypatch.setattr(sight.Sight, "stood", patient)
            key = events.Key("3", "3")
            watch.app.post_message(key)
            await asyncio.wait_for(asked.wait(), 20)
            (item,) = session.thread.call(session.desk.queue)
            assert item.state is State.REFUSED
            stood.set()
            await watch.sees(": dropped")
