"""A bug in the app: it ends in order and raises what broke it, or lives on and says what has stopped."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.worker import WorkerFailed

from screens import actions
from screens.app import TriageApp
from screens.bridge import Bridge
from screens.inbox.screen import InboxScreen
from screens.lead.screen import LeadScreen
from screens.news import News
from screens.queue.screen import QueueScreen
from screens.terminal.ending import InputFailed
from screens.widgets.lead_list import LeadList
from tests.screens.stage import StagedSession, app_on
from tests.screens.watching import Watch, running, until
from triage.desk.events import SyncFinished, SyncReport

SCREENS = {actions.INBOX: InboxScreen, actions.LEAD: LeadScreen, actions.QUEUE: QueueScreen}
WAY_TO = {actions.INBOX: (), actions.LEAD: ("enter",), actions.QUEUE: ("Q",)}
ALL = [
    (context, action)
    for context in SCREENS
    for action in actions.in_context(context)
    if hasattr(SCREENS[context], f"action_{action.id}")
    and " " not in action.keys[0]
    and action.id != "palette"  # the toolkit's own action answers its key
]
"""Each key of each screen, with what it does there."""
FEW = {"accept", "undo", "sync", "filter", "dispute", "choose"}
"""One action of each kind, for each commit."""


class Boom(Exception):
    """A bug."""


def boom(*_: Any, **__: Any) -> Any:
    raise Boom("Ada Park, Northwind")


async def aboom(*_: Any, **__: Any) -> Any:
    raise Boom("Ada Park, Northwind")


async def ends_broken(session: StagedSession, cause: Callable[[Any], Any] | None = None) -> None:
    """Run the app, cause something in it, or wait for what comes by itself, until it has ended by it."""
    app = app_on(session, clock=session.desk.clock)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            if cause is not None:
                await until(lambda: app.front is not None and app.day.room is not None)
                await cause(Watch(app, pilot))
            await until(lambda: app.broken is not None, "nothing broke")
            assert app._exit_renderables == []

    with pytest.raises((Boom, WorkerFailed)):
        await run()
    assert isinstance(app.broken, Boom)
    assert app.return_code == 1


def at(context: str, key: str) -> Callable[[Any], Any]:
    async def press(watch: Any) -> None:
        if WAY_TO[context]:
            await watch.press(*WAY_TO[context])
            await until(lambda: watch.app.front is not None and context == watch.app.front.CONTEXT)
        watch.ahead(key)

    return press


async def breaks(session: StagedSession, monkeypatch: pytest.MonkeyPatch, context: str, action: Any) -> None:
    monkeypatch.setattr(SCREENS[context], f"action_{action.id}", aboom)
    await ends_broken(session, at(context, action.keys[0]))


@pytest.mark.parametrize(
    ("context", "action"), [one for one in ALL if one[1].id in FEW], ids=lambda one: getattr(one, "id", one)
)
async def test_a_bug_behind_a_key_ends_the_app_in_order(session, monkeypatch, context, action):
    await breaks(session, monkeypatch, context, action)


@pytest.mark.soak
@pytest.mark.parametrize(("context", "action"), ALL, ids=lambda one: getattr(one, "id", one))
async def test_a_bug_behind_any_key_of_the_registry_ends_the_app_in_order(
    session, monkeypatch, context, action
):
    await breaks(session, monkeypatch, context, action)


async def press_accept(watch: Any) -> None:
    watch.ahead("a")


async def resize(watch: Any) -> None:
    watch.app.post_message(events.Resize(watch.app.size, watch.app.size))


@pytest.mark.parametrize(
    ("method", "raises", "cause"),
    [
        ((TriageApp, "_follow"), aboom, press_accept),
        ((InboxScreen, "on_resize"), boom, resize),
        ((InboxScreen, "show_lead"), boom, at(actions.INBOX, "j")),
        ((LeadList, "render_line"), boom, resize),
    ],
    ids=["after a refresh", "handler", "cursor", "drawing"],
)
async def test_a_bug_beside_the_keys_ends_the_app_in_order(session, monkeypatch, method, raises, cause):
    async def patched(watch: Any) -> None:
        monkeypatch.setattr(*method, raises)
        await cause(watch)

    await ends_broken(session, patched)


@pytest.mark.parametrize(
    ("method", "raises"),
    [
        ((TriageApp, "_between_keys"), aboom),
        ((TriageApp, "_begin"), boom),
        ((Bridge, "run"), aboom),
        ((News, "connection_changed"), boom),
        ((News, "open"), aboom),
    ],
    ids=["timer", "beginning", "worker", "supervisor", "before the first paint"],
)
async def test_a_bug_that_comes_by_itself_ends_the_app_in_order(session, monkeypatch, method, raises):
    monkeypatch.setattr("screens.app.LOOK_EVERY", 0.05)
    monkeypatch.setattr(*method, raises)
    await ends_broken(session)


async def test_a_bug_in_the_store_ends_the_app_and_what_was_said_before_is_kept(session):
    async def decide_twice(watch: Any) -> None:
        await watch.press("a")
        await watch.sees("accepted")
        session.refuse = Boom("Ada Park")
        watch.ahead("a")

    await ends_broken(session, decide_twice)
    assert len(session.thread.call(session.desk.outbox.all)) == 1


async def test_the_keyboards_own_failure_is_told_without_what_it_shows(session):
    async with running(session) as watch:
        watch.app.panic("Ada Park")
        assert isinstance(watch.app.broken, InputFailed)
        assert watch.app._exit_renderables == []


async def test_a_bug_in_a_sync_is_said_and_the_next_one_runs(session):
    session.during = boom
    async with running(session) as watch:
        await watch.sees("sync stopped: Boom")
        assert "Ada" not in watch.status()
        session.during = lambda: [SyncFinished(SyncReport(applied=1))]
        await watch.press("S")
        await watch.sees("online")
        assert watch.app.broken is None


def test_no_task_is_started_that_nobody_waits_for():
    """A task that nobody awaits fails in silence: only the conversation starts some, and it awaits them."""
    bare = [
        f"{path.name}:{node.lineno}"
        for path in Path(actions.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("create_task", "ensure_future")
    ]
    assert not [one for one in bare if not one.startswith("conversation.py:")]
