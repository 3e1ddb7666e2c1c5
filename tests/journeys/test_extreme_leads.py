"""A lead with nothing but a name, one with every field at its limit, and one that attacks from every field.

They come from a CRM on a socket, and go through the cache to every screen and command: every part of them can be
reached, nothing of them is obeyed, and no line is wider than its window.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from rich.cells import cell_len

from screens.cells import say
from screens.lead.screen import LeadScreen
from screens.panels import record
from tests.cli.inside import Inside
from tests.extremes import (
    HERE_ONLY,
    HOSTILE_ID,
    LIMIT,
    NAME_ONLY,
    Marked,
    at_limit,
    attacking,
    extreme,
    extreme_crm,
    name_only,
)
from tests.pty.hostile_bytes import obeyed
from tests.screens.watching import Watch, running, until
from triage.domain.item import State
from triage.domain.lead import Lead
from triage.house import House
from triage.text import clean
from triage.wiring import open_session

pytestmark = pytest.mark.timeout(240)
SIZES = ((60, 16), (80, 24), (120, 36), (200, 60))
NEVER_SHOWN = ("touch_id",)
"""Handles of the CRM that no person reads; `show --json` has them."""
REPLACED = ("lead_id", "owner.user_id")
"""What the leads of these tests share, so that they are the rep's own."""


_AGE = re.compile(r" +\d+[mhdw]$")
"""How old a contribution is, at the right end of its first line."""


class World:
    """The CRM, a rep's home that has fetched from it, and what each text of the two full leads is."""

    def __init__(self, folder: Path) -> None:
        self.limit, self.hostile = Marked(at_limit), Marked(attacking)
        self.leads = {
            NAME_ONLY: name_only(),
            LIMIT: extreme(LIMIT, self.limit, entries=12),
            HOSTILE_ID: extreme(HOSTILE_ID, self.hostile),
        }
        self._serving = extreme_crm(list(self.leads.values()))
        self.crm = self._serving.__enter__()
        self.shell = Inside(folder, self.crm.rep_token)
        self.shell.ok("login", "work", "--url", self.crm.url)
        self.shell.ok("pull")

    def close(self) -> None:
        self._serving.__exit__(None, None, None)

    def texts(self, lead_id: str) -> dict[str, str]:
        """Return what a lead says, by where."""
        marked = self.limit if lead_id == LIMIT else self.hostile
        return {path: text for path, text in marked.said.items() if path not in REPLACED}

    @contextmanager
    def session(self) -> Iterator[Any]:
        with mock.patch.dict(os.environ, self.shell.environ, clear=True):
            opened = open_session(House.found(os.environ))
            try:
                yield opened
            finally:
                opened.close()


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def fetched(tmp_path_factory) -> Iterator[World]:
    """One world for all that only looks."""
    made = World(tmp_path_factory.mktemp("extremes"))
    yield made
    made.close()


def squashed(text: str) -> str:
    """Return a text without blanks and line ends, and without what a page writes as a blank."""
    return "".join(text.replace("_", " ").replace("⏎", " ").split())


def screen_of(watch: Watch) -> list[str]:
    """Return every line of the screen as it is drawn."""
    strips = watch.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def harmless(watch: Watch, size: tuple[int, int], where: str) -> list[str]:
    """Return the screen, once every line of it is as wide as the window, and nothing in it is obeyed."""
    lines = screen_of(watch)
    assert len(lines) == size[1], where
    assert {cell_len(line) for line in lines} == {size[0]}, where
    assert [ascii(one) for one in sorted(set("".join(lines))) if obeyed(one)] == [], where
    return lines


async def read_through(watch: Watch, size: tuple[int, int]) -> str:
    """Page through a lead from its first line to its last; return all it says, column by column."""
    screen = watch.app.screen
    assert isinstance(screen, LeadScreen)
    seen = set()
    for _page in range(screen.length):
        await watch.press("pagedown")
        await watch.pilot.pause()
        seen.update(line[2:].rstrip() for line in harmless(watch, size, "page"))
        if screen._line == screen.length - 1:
            break
    await watch.press("g", "g")
    await watch.pilot.pause()
    seen.update(line[2:].rstrip() for line in harmless(watch, size, "page"))
    unseen = [strip.text for strip in screen._unlit if strip.text[2:].rstrip() not in seen]
    assert unseen == []
    title = harmless(watch, size, "page")[0]
    left = [row.line.text for row in screen._page]
    right = [row.beside.text for row in screen._page if row.beside is not None]
    return "\n".join([title, *(_AGE.sub("", line) for line in (*left, *right))])


async def read_everything(world: World, size: tuple[int, int]) -> list[str]:
    """Read every page from its first line to its last; return where the texts stand that no page says."""
    lost = []
    with world.session() as session:
        async with running(session, size) as watch:
            assert set(watch.tray.shown) == set(world.leads)
            for lead_id in world.leads:
                await watch.go_to(lead_id)
                harmless(watch, size, "inbox")
                await watch.press("enter")
                await until(lambda: isinstance(watch.app.screen, LeadScreen), "the page never came")
                page = squashed(await read_through(watch, size))
                told = {"name": "Only Aname"} if lead_id == NAME_ONLY else world.texts(lead_id)
                lost += [
                    f"{lead_id} {path}"
                    for path, text in told.items()
                    if squashed(say(text)) not in page and not path.endswith(NEVER_SHOWN)
                ]
                await watch.press("q")
                await watch.pilot.pause()
    return lost


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_part_of_each_is_reached_by_scrolling(fetched, size):
    assert await read_everything(fetched, size) == []


async def test_the_reader_misses_what_a_page_cuts_off(fetched, monkeypatch):
    monkeypatch.setattr(record, "UNBOUNDED", 70)
    assert f"{LIMIT} website" in await read_everything(fetched, (80, 24))


ASKED: tuple[tuple[str, ...], ...] = (
    ("r",), ("r", "tab"), ("y",), ("d",), ("t",), ("z",), ("A",), ("f",), ("o",), ("o", "1"), ("o", "tab"),
    ("c",), ("e",), ("e", "1"), ("m",), ("D",), ("K",), ("n",), ("Y",), ("ctrl+p",), ("ctrl+p", "q", "0"),
    ("H",), ("R",), ("Q",), ("w",), ("slash", *"title:q"), ("enter", "r", "tab"), ("enter", "f"),
    ("enter", "w"),
)  # fmt: skip
"""What is pressed on each of them; nothing of it decides."""


async def ask_everything(world: World, size: tuple[int, int], lead_ids: Iterable[str]) -> None:
    with world.session() as session:
        async with running(session, size) as watch:
            for lead_id in lead_ids:
                for keys in ASKED:
                    await watch.go_to(lead_id)
                    await watch.press(*keys)
                    await watch.pilot.pause()
                    harmless(watch, size, f"{lead_id} {keys}")
                    await watch.press(*["escape"] * 4)
                    await watch.pilot.pause()
            assert session.wait(lambda: list(session.desk.outbox.in_states(list(State)))) == []


async def test_each_question_about_a_hostile_lead_is_harmless(fetched):
    await ask_everything(fetched, (80, 24), [HOSTILE_ID])


@pytest.mark.soak
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_each_question_about_each_of_them_is_harmless_in_any_window(fetched, size):
    await ask_everything(fetched, size, fetched.leads)


async def test_a_decision_about_each_is_queued_met_by_a_conflict_and_shown(world):
    hostile = extreme(HOSTILE_ID, Marked(attacking))
    world.crm.app.conflict = {
        "version": hostile.version,
        "status": hostile.name,
        "changed_by": hostile.title,
        "owner": {"user_id": "U-02", "name": hostile.owner.name},
        "changed_at": "2026-11-01T10:00:00Z",
    }
    size = (80, 24)
    with world.session() as session:
        async with running(session, size) as watch:
            for lead_id in world.leads:
                await watch.go_to(lead_id)
                await watch.press(
                    "a" if lead_id == NAME_ONLY else "r", *([] if lead_id == NAME_ONLY else ["8"])
                )
                await watch.pilot.pause()
                harmless(watch, size, f"{lead_id} decided")
            await watch.press("S")
            await watch.sees("need you")
            await watch.press("Q")
            await watch.sees("conflict")
            for keys in (("j",), ("j",), ("enter",), ("pagedown",), ("escape",)):
                await watch.press(*keys)
                await watch.pilot.pause()
                harmless(watch, size, f"queue {keys}")
    for words in (("queue",), ("queue", "--json"), ("list", "--all")):
        printed_harmless(world.shell.ok(*words).out)


def printed_harmless(text: str) -> str:
    assert [ascii(one) for one in sorted(set(text)) if one not in "\n\u200d" and obeyed(one)] == []
    return text


def strings(value: Any) -> Iterator[str]:
    """Yield every text of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@pytest.mark.parametrize("lead_id", [LIMIT, HOSTILE_ID])
def test_show_tells_every_text_of_a_lead_to_people_and_to_programs(fetched, lead_id):
    document = fetched.shell.ok("show", lead_id, "--json").out
    assert document.isascii()
    told = set(strings(json.loads(document)))
    texts = fetched.texts(lead_id)
    assert [path for path, text in texts.items() if text not in told] == []
    said = squashed(printed_harmless(fetched.shell.ok("show", lead_id).out))
    lost = [
        path
        for path, text in texts.items()
        if squashed(clean(text)) not in said and not path.endswith(NEVER_SHOWN)
    ]
    assert lost == []


def tells(value: Any, told: Any) -> bool:
    """Whether a document tells a value: all of it, perhaps with more beside it."""
    if isinstance(value, dict):
        return isinstance(told, dict) and all(tells(one, told[name]) for name, one in value.items())
    if isinstance(value, list):
        return len(value) == len(told) and all(map(tells, value, told))
    return bool(value == told)


@pytest.mark.parametrize("lead_id", [NAME_ONLY, LIMIT, HOSTILE_ID])
def test_show_as_json_has_every_field_of_a_lead_as_it_is_kept(fetched, lead_id):
    told = json.loads(fetched.shell.ok("show", lead_id, "--json").out)
    told["score"] = told["score_detail"]
    with fetched.session() as session:
        found = session.wait(session.desk.leads.find, lead_id).lead
    kept = json.loads(json.dumps(msgspec.to_builtins(found)))
    if kept["score"]:
        del kept["score"]["band"]
        assert told["band"] == fetched.texts(lead_id)["score.band"]
    lacking = [name for name, value in kept.items() if name not in told or not tells(value, told[name])]
    assert lacking == []


def test_a_lead_of_which_nothing_is_known_is_shown_by_every_command(fetched):
    said = printed_harmless(fetched.shell.ok("show", NAME_ONLY).out)
    assert said.startswith(f"Only Aname ({NAME_ONLY})\n")
    told = json.loads(fetched.shell.ok("show", NAME_ONLY, "--json").out)
    assert told["score_detail"] is None
    assert (told["asset"], told["touches"], told["campaign"]) == (None, [], None)


@pytest.mark.parametrize(
    "how", [(), ("--json",), ("--format", "csv"), ("--format", "md"), ("--format", "html")]
)
def test_lists_and_exports_of_them_are_harmless(fetched, how):
    printed_harmless(fetched.shell.ok("list", *how).out.replace("\r\n", "\n"))


def test_the_wire_carries_every_field(fetched):
    with fetched.session() as session:
        for lead_id, lead in fetched.leads.items():
            found = session.wait(session.desk.leads.find, lead_id).lead
            different = [
                name
                for name in Lead.__struct_fields__
                if name not in HERE_ONLY and getattr(found, name) != getattr(lead, name)
            ]
            if lead.account.duplicate_of is not None:
                assert found.account.duplicate_of.name == lead.account.duplicate_of.name
                different = [name for name in different if name != "account"]
            assert different == []
