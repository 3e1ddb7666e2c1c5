"""Every screen as a picture and as text, at two sizes in three looks. To renew them: pytest --snapshot-update FILE."""

from __future__ import annotations

import re
from itertools import count
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from screens.actions import INBOX, LEAD, QUEUE, footer
from screens.start.welcome import WelcomeApp
from tests.screens.sample import ME, NOW, lead
from tests.screens.stage import session_with
from tests.screens.watching import Watch, running
from triage import clock as triage_clock
from triage.domain.item import State
from triage.domain.outcome import Theirs
from triage.store.outbox import Move


def name_of(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


pytestmark = pytest.mark.usefixtures("one_time_zone", "words_stay")
SIZES = ((80, 24), (120, 36))
LOOKS = ("dark", "light", "no-colour")
WORKING = Theirs("9", "working", ME, "Kim Example", NOW)
SCENES: dict[str, tuple[str, ...]] = {
    "inbox": (),
    "lead": ("enter",),
    "reasons": ("r",),
    "recycle": ("y",),
    "date": ("z", "2", "w"),
    "feedback": ("f",),
    "objection": ("o", "1"),
    "filter": ("slash", *"source:web"),
    "bad filter": ("slash", *"sorce:web"),
    "sort": ("s",),
    "marked": ("space", "space", "space"),
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
    "preview": ("asterisk", "r", "8"),
    "accepted": ("a",),
    "bulk": ("space", "space", "r", "8"),
    "queue": ("Q",),
    "conflict": ("a", "Q"),
    "history": ("H",),
    "replies": ("R",),
    "copy": ("Y",),
    "too small": (),
    "decided": ("tab", "tab", "tab", "tab", "tab"),
}
"""What is pressed for each picture, one after the other on one app; then all is left by Esc."""


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class _Picture(_Text):
    file_extension = "svg"


def as_text(watch: Watch) -> list[str]:
    """The whole screen, line by line."""
    strips = watch.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def as_picture(watch: Watch) -> str:
    """The whole screen as an SVG, without what only guards against lines that are too wide."""
    picture = watch.app.export_screenshot(title="triage", simplify=True)
    return re.sub(
        r' clip-path="url\(#[^)]*-line-\d+\)"|<clipPath id="[^"]*-line-\d+">.*?</clipPath>\s*',
        "",
        picture,
        flags=re.DOTALL,
    )


def refuse(session) -> None:
    """Let the CRM refuse the newest decision."""

    def move() -> None:
        item = session.desk.outbox.in_states([State.QUEUED])[-1]
        session.desk.outbox.claim([item])
        session.desk.outbox.move(
            [Move.to(State.REFUSED, item.id, error="The stage is not in this pipeline.")]
        )

    session.thread.call(move)


def meet_conflict(session) -> None:
    """Let the newest decision meet a lead that a colleague has changed."""

    def move() -> None:
        item = session.desk.outbox.in_states([State.QUEUED])[-1]
        session.desk.outbox.claim([item])
        session.desk.outbox.move([Move.to(State.CONFLICT, item.id, theirs=WORKING)])

    session.thread.call(move)


class Album:
    """The kept pictures of one size and look: what is shown has to be what was."""

    def __init__(self, snapshot, width: int) -> None:
        self._text, self._picture = snapshot.use_extension(_Text), snapshot.use_extension(_Picture)
        self._width = width

    def compare(self, watch: Watch, name: str) -> None:
        lines = as_text(watch)
        assert {cell_len(line) for line in lines} == {self._width}, name
        assert "\n".join(line.rstrip() for line in lines) == self._text(name=name)
        assert as_picture(watch) == self._picture(name=name)


async def leave(watch: Watch) -> None:
    """Step back to the inbox as it was at first."""
    for _ in range(4):
        await watch.press("escape")
        await watch.pilot.pause()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_each_screen_looks_as_it_did(session, snapshot, size, look):
    album = Album(snapshot, size[0])
    async with running(session, size, theme=look) as watch:
        for name, keys in SCENES.items():
            if name == "queue":
                refuse(session)
            await watch.press(*keys[:1])
            if name == "conflict":
                meet_conflict(session)
            if name == "too small":
                await watch.pilot.resize_terminal(size[0], 12)
            await watch.press(*keys[1:])
            await watch.pilot.pause()
            album.compare(watch, name)
            await leave(watch)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_the_first_run_looks_as_it_did(snapshot, size, look):
    app = WelcomeApp(look)
    async with app.run_test(size=size) as pilot:
        Album(snapshot, size[0]).compare(Watch(app, pilot), "welcome")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_an_empty_inbox_looks_as_it_did(tmp_path, clock, snapshot, size, look):
    album = Album(snapshot, size[0])
    with session_with(tmp_path / "new", [], clock, fetched=False) as session:
        async with running(session, size, theme=look) as watch:
            album.compare(watch, "never fetched")
    with session_with(tmp_path / "done", [lead(1), lead(2)], clock) as session:
        async with running(session, size, theme=look) as watch:
            await watch.press("slash", *"zzz", "enter")
            await watch.pilot.pause()
            album.compare(watch, "no match")
            await watch.press("escape", "a", "a")
            clock.forward(minutes=12)
            watch.app.screen.unsay()
            watch.app.screen.show()
            await watch.pilot.pause()
            album.compare(watch, "all decided")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=name_of)
async def test_the_details_of_an_item_look_as_they_did(session, snapshot, monkeypatch, size, look):
    drawn = count()
    ids = SimpleNamespace(urandom=lambda cells: next(drawn).to_bytes(cells, "big"))
    monkeypatch.setattr(triage_clock, "os", ids)
    async with running(session, size, theme=look) as watch:
        await watch.press("a")
        refuse(session)
        await watch.press("Q", "enter")
        await watch.pilot.pause()
        Album(snapshot, size[0]).compare(watch, "item")


@pytest.mark.parametrize("context", [INBOX, LEAD, QUEUE])
@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_footer_fits_with_all_its_keys(session, context, width):
    keys = {INBOX: (), LEAD: ("enter",), QUEUE: ("a", "Q")}[context]
    async with running(session, (width, 24)) as watch:
        await watch.press(*keys)
        await watch.press("escape") if context == QUEUE and not keys else None
        foot = as_text(watch)[-2]
        for action in footer(context)[: 7 if width >= 80 else 4]:
            assert action.label in foot, foot
