from __future__ import annotations

import gc
from datetime import timedelta
from functools import partial

from msgspec.structs import replace

from screens.bridge import finished_words
from screens.deciding.act_words import undone_words
from screens.lead.copying import can_open, chat_line, copy_options, crm_link, template
from screens.queue.items import in_order
from screens.queue.lines import DROP, WAYS, Told, causes
from screens.queue.screen import QueueScreen
from screens.staging import stage
from screens.start.pace import Pace
from screens.start.welcome import WelcomeApp
from screens.widgets.lead_list import LeadList
from tests.screens.sample import NOW, rich_lead
from tests.screens.test_screens_drawing import glance
from tests.screens.watching import running, until
from triage.desk.events import (
    AnotherSyncs,
    Delivered,
    FetchAsks,
    Fetched,
    SyncFinished,
    SyncReport,
    SyncStopped,
)
from triage.desk.results import Undone
from triage.domain.item import State
from triage.domain.lead import LeadId, Owner
from triage.domain.outcome import Theirs
from triage.domain.touch import Asset
from triage.errors import StoreError, Unreachable
from triage.store.outbox import Move


def moved(session, state, **changes):
    """Take the only queued item to a state, as a sync would."""

    def move():
        (item,) = session.desk.outbox.in_states([State.QUEUED])
        session.desk.outbox.move([Move.to(State.SENDING, item.id)])
        session.desk.outbox.move([Move.to(state, item.id, **changes)])
        return session.desk.outbox.get(item.id)

    return session.thread.call(move)


async def test_the_cached_inbox_is_painted_before_the_first_sync(session, monkeypatch):
    order = []
    really_drawn = LeadList.render_line
    monkeypatch.setattr(
        LeadList, "render_line", lambda self, y: order.append("paint") or really_drawn(self, y)
    )
    session.during = lambda: order.append("sync") or []
    async with running(session):
        await until(lambda: "sync" in order)
        assert order[0] == "paint"


async def test_a_sync_that_stops_is_shown_and_tried_again(session):
    session.during = lambda: [SyncStopped(Unreachable("The CRM did not answer."), SyncReport())]
    async with running(session, interval=0.2) as watch:
        await watch.sees("offline since")
        assert "The CRM did not answer." in watch.status()
        session.during = None
        await watch.press("S")
        await watch.sees("● online")


async def test_a_bug_in_a_sync_is_said_and_does_not_end_the_supervisor(session):
    def broken():
        raise ZeroDivisionError

    session.during = broken
    async with running(session) as watch:
        await watch.sees("sync stopped: ZeroDiv")
        session.during = None
        await watch.press("S")
        await watch.sees("● online")


async def test_s_sends_everything_and_says_what_became_of_it(session):
    session.during = lambda: [SyncFinished(SyncReport(applied=2, fetched=5))]
    async with running(session) as watch:
        await until(lambda: session.syncs)
        await watch.press("S")
        await watch.sees("Synced: 2 decisions sent · 5 leads fetched")
        assert session.syncs[-1] is True


async def test_news_do_not_cover_what_an_act_said_and_come_after_it(session):
    async with running(session) as watch:
        await watch.press("a")
        said = watch.foot()
        watch.app.news.sync_told("Synced: 1 decisions sent")
        assert watch.foot() == said
        watch.app.screen.unsay()
        assert "Synced: 1 decisions sent" in watch.foot()
        watch.app.screen.unsay()
        assert "a accept" in watch.foot()


async def test_what_is_decided_is_sent_after_its_hold(session, clock):
    async with running(session) as watch:
        await until(lambda: len(session.syncs) == 1)
        await watch.press("a")
        clock.forward(seconds=31)
        watch.app.bridge.look(None)
        await until(lambda: len(session.syncs) == 2)
        assert session.syncs[-1] is False


async def test_working_offline_stops_the_supervisor_but_not_s(session, clock):
    async with running(session) as watch:
        await until(lambda: session.syncs)
        await watch.app.set_offline(True)
        assert "offline, by choice" in watch.status()
        ran = len(session.syncs)
        clock.forward(minutes=10)
        watch.app.bridge.look(None)
        await watch.press("a")
        assert len(session.syncs) == ran
        await watch.press("S")
        await until(lambda: len(session.syncs) == ran + 1)


async def test_a_fetch_that_would_empty_the_inbox_asks_and_only_enter_says_yes(session):
    session.during = lambda: [FetchAsks(30, 2), SyncFinished(SyncReport())]
    async with running(session) as watch:
        await watch.sees("2 leads, 30 are here: nothing was replaced")
        await watch.press("S")
        assert "Replace the leads here?" in watch.text()
        await watch.press("escape")
        assert session.confirmed == [False]
        session.during = None
        await watch.press("S")
        await watch.confirm()
        await until(lambda: session.confirmed == [False, True])


async def test_what_a_fetch_asks_is_not_covered_by_how_the_sync_ended(session):
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        session.during = lambda: [FetchAsks(30, 2), SyncFinished(SyncReport())]
        await watch.press("S")
        await watch.sees("nothing was replaced")
        await until(watch.app.bridge.idle.is_set)
        assert "Synced" not in watch.text()


async def test_a_sync_by_itself_never_says_yes_for_the_rep(session):
    session.during = lambda: [FetchAsks(30, 2), SyncFinished(SyncReport())]
    async with running(session, interval=0.5) as watch:
        await watch.sees("2 leads, 30 are here")
        await until(lambda: len(session.syncs) >= 2)
        assert not any(session.confirmed)


async def test_another_sync_is_named(session):
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        session.during = lambda: [AnotherSyncs(4711, NOW)]
        await watch.press("S")
        await watch.sees("Another triage is syncing (process 4711)")


async def test_fetched_leads_appear_and_the_cursor_stays_on_its_lead(session):
    extra = replace(
        rich_lead("L-7777"),
        name="Nadia New",
        sla_due_at=NOW - timedelta(days=9),
        assigned_at=NOW - timedelta(days=12),
    )
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("j")
        here = watch.cursor
        await session.call(session.desk.leads.put, extra)
        session.during = lambda: [Fetched(1, 0), SyncFinished(SyncReport(fetched=1))]
        await watch.press("S")
        await watch.sees("Nadia New")
        assert watch.cursor == here


async def test_a_delivered_item_changes_its_lead_only(session):
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("a")
        item = moved(session, State.REFUSED, error="Closed [by] policy")
        session.during = lambda: [Delivered(item), SyncFinished(SyncReport(refused=1))]
        await watch.press("S")
        await watch.sees("1 needs you: Q")
        await until(lambda: watch.tray.inbox.entries[item.lead_id].decision.state is State.REFUSED)


async def test_what_another_process_wrote_is_noticed(session):
    async with running(session) as watch:
        first = watch.cursor
        session.desk.changed_elsewhere = lambda: True
        await session.call(session.desk.decide, [LeadId("L-0005")], _accept())
        await until(lambda: LeadId("L-0005") not in watch.tray.shown)
        assert watch.cursor == first


def _accept():
    from triage.domain.act import Act

    return Act.ACCEPT


async def test_a_busy_store_between_keys_is_no_reason_to_end(session):
    calls = []

    def busy():
        calls.append(1)
        raise StoreError("busy")

    async with running(session) as watch:
        session.desk.changed_elsewhere = busy
        await until(lambda: len(calls) > 1)
        assert watch.app.return_code is None


async def test_q_sends_what_is_unsent_and_a_second_q_leaves_it_queued(session):
    async with running(session) as watch:
        await watch.press("a", "q")
        assert watch.app.is_running
        assert "1 unsent" in watch.text()
        await watch.sees("could not be sent")
        await watch.press("q")
        await until(lambda: not watch.app.is_running)
        assert watch.app.return_code == 0


async def test_q_with_nothing_unsent_leaves_at_once(session):
    async with running(session) as watch:
        await watch.press("q")
        await until(lambda: not watch.app.is_running)


async def test_the_queue_shows_both_versions_of_a_conflict_and_digits_solve_it(session):
    theirs = Theirs(
        version="9", status="working", owner=Owner("rep-2", "Sam Elsewhere"), changed_by="Kim", changed_at=NOW
    )
    async with running(session) as watch:
        await watch.press("r", "8")
        item = moved(session, State.CONFLICT, theirs=theirs)
        await watch.press("Q")
        await until(lambda: isinstance(watch.app.screen, QueueScreen))
        for words in (
            "Kim gave the lead to Sam Elsewhere just now.",
            "        you saw        at the CRM      yours",
            "status  assigned     ≠ working         rejected NOT_A_BUYER",
            "owner   you          ≠ Sam Elsewhere   back to marketing",
            "1 keep mine   2 decide again   3 drop",
        ):
            assert words in watch.text(), words
        await watch.press("1")
        await watch.sees("yours is sent with the next sync")
        assert session.thread.call(session.desk.outbox.get, item.id).state is State.SUPERSEDED


async def test_a_refused_item_says_why_and_can_be_tried_again_or_dropped(session):
    async with running(session) as watch:
        await watch.press("a")
        moved(session, State.REFUSED, error="INVALID_FIELD[/Contact] [@click=app.quit]no[/]")
        await watch.press("Q")
        await watch.sees("The CRM: INVALID_FIELD[/Contact] [@click=app.quit]no[/]")
        await watch.press("1")
        await watch.sees("tried again with the next sync")
        await watch.press("3")
        await watch.sees("Nothing is waiting")


async def test_the_queue_follows_what_is_delivered_while_it_is_open(session):
    async with running(session) as watch:
        await until(watch.app.bridge.idle.is_set)
        await watch.press("a", "Q")
        await watch.sees("… queued")
        item = moved(session, State.REFUSED, error="no")
        session.during = lambda: [Delivered(item), SyncFinished(SyncReport(refused=1))]
        await watch.press("S")
        await watch.sees("✗ refused")


async def test_deciding_again_leads_to_the_lead_itself(session):
    async with running(session) as watch:
        first = watch.cursor
        await watch.press("a")
        moved(session, State.REFUSED, error="no")
        await watch.app.news.leads_changed(None)
        await watch.press("Q", "2")
        await until(lambda: watch.cursor == first)
        await watch.press("r", "8")
        standing = session.thread.call(session.desk.entry, first).decision
        assert standing.decision.reason == "NOT_A_BUYER"


def test_nothing_that_may_have_reached_the_crm_can_be_dropped():
    assert DROP not in WAYS[State.SENDING].values()
    assert DROP not in WAYS[State.UNKNOWN].values()


def test_what_needs_the_rep_stands_first_in_the_queue(session):
    def made():
        from triage.domain.act import Act

        session.desk.decide([LeadId("L-0003")], Act.ACCEPT)
        session.desk.decide([LeadId("L-0004")], Act.ACCEPT)
        first = session.desk.outbox.all()[0]
        session.desk.outbox.move([Move.to(State.SENDING, first.id)])
        session.desk.outbox.move(
            [Move.to(State.CONFLICT, first.id, theirs=Theirs(deleted=True, merged_into="L-1"))]
        )
        return session.desk.queue()

    items = in_order(session.thread.call(made))
    assert [item.state for item in items] == [State.CONFLICT, State.QUEUED]
    assert causes(Told(items[0], ""), NOW) == ["Someone merged the lead into L-1."]


async def test_the_palette_offers_our_commands_and_leads_and_not_the_screenshot(session):
    async with running(session, size=(80, 120)) as watch:
        await watch.press("ctrl+p")
        for name in ("Accept  ", "Work offline", "View: Working", "Theme: contrast "):
            assert name in watch.text()
        assert not any(words in watch.text() for words in ("creenshot", "Demo:"))
        assert list(watch.app.get_system_commands(watch.app.screen)) == []
        await watch.type("park")
        assert "Lead: Ada Park" in watch.text()


async def test_the_palette_opens_on_a_lead_and_shows_it(session):
    async with running(session) as watch:
        await watch.app.visit(LeadId("L-0001"))
        await watch.sees("Ada Park")
        assert watch.cursor == "L-0001"


class StagedDemo:
    plugged = True

    async def pull_the_plug(self):
        self.plugged = False

    async def plug_in(self):
        self.plugged = True

    async def another_rep_takes(self, lead_id):
        return "Sam [Elsewhere]"

    async def someone_removes(self, lead_id, into=None):
        self.removed = (lead_id, into)

    async def marketing_answers(self):
        raise Unreachable("pulled")


async def test_a_demo_can_pull_the_plug_and_put_it_back(session):
    session.demo = StagedDemo()
    async with running(session) as watch:
        await watch.press("ctrl+p", *"demo: plug")
        assert "Demo: pull the plug" in watch.text()
        await watch.press("enter")
        await watch.sees("The plug is pulled")
        await watch.press("ctrl+p", *"demo: plug")
        assert "Demo: plug back in" in watch.text()
        await watch.press("escape")
        for what, words in (
            ("plug", "Plugged in again."),
            ("take", "Sam [Elsewhere] took"),
            ("delete", "was deleted at the CRM"),
            ("merge", "was merged into"),
            ("answer", "pulled"),
        ):
            await stage(watch.app.day, what)
            assert words in watch.foot()
        lead, into = session.demo.removed
        assert lead == watch.cursor
        assert into in watch.tray.shown
        assert into != lead


async def test_a_theme_changes_every_line(session):
    async with running(session) as watch:
        before = watch.app.screen.list.render_line(0)
        await watch.app.choose_theme("light")
        assert watch.app.screen.list.render_line(0) != before
        assert watch.app.screen.list.render_line(0).text == before.text


async def test_copying_offers_what_the_lead_has(session):
    async with running(session) as watch:
        await watch.go_to("L-0001")
        await watch.press("Y", "1")
        assert watch.app.clipboard == "ada.park@northwind.example"
        assert "Copied the e-mail" in watch.foot()


def test_a_link_to_the_crm_is_made_of_our_own_address_only():
    lead = replace(rich_lead(), lead_id=LeadId("a/../b?x=1"))
    assert crm_link("https://crm.example/app/", lead) == "https://crm.example/app/leads/a%2F..%2Fb%3Fx%3D1"
    for bad in ("javascript:alert(1)", "https://user:pw@crm.example", "-flag", ""):
        assert crm_link(bad, lead) == ""


def test_a_browser_is_not_opened_where_nobody_sees_it():
    assert can_open({"DISPLAY": ":0"})
    assert not can_open({"DISPLAY": ":0", "SSH_CONNECTION": "1"})
    assert not can_open({})


def test_a_template_is_filled_with_the_leads_fields():
    lead = replace(rich_lead(), asset=Asset("t", template="Hi {first_name} of {company}"))
    assert template(lead) == ("template", "Hi Ada of Northwind Robotics")
    twice = replace(lead, asset=Asset("t", template="Hi {{first_name}} of {{company}}"))
    assert template(twice) == template(lead)  # in the braces that other tools write
    assert [option.label for option in copy_options(glance(lead, 80), "")][:3] == [
        "e-mail",
        "phone",
        "profile",
    ]
    assert chat_line(glance(lead, 80)).startswith("Ada Park, Northwind Robotics (VP Operations)")


def test_an_undo_says_whether_the_crm_had_it():
    assert undone_words(Undone("3 rejected", withdrawn=3)) == "Undone: 3 rejected · the CRM has none of it"
    assert "the next sync takes it back" in undone_words(Undone("1 accepted", compensated=1))
    assert "the next sync takes 3 back" in undone_words(Undone("5 accepted", withdrawn=2, compensated=3))
    assert "being sent: will be taken back" in undone_words(Undone("1 accepted", compensated=1, waiting=1))


def test_a_sync_that_did_nothing_says_so():
    assert finished_words(SyncFinished(SyncReport())) == "Synced: nothing new."


def test_the_collector_rests_while_keys_are_pressed():
    pace = Pace()
    pace.hold()
    try:
        assert not gc.isenabled()
        pace.key()
        pace.rest()
        assert pace._touched
        pace._key_at -= 2
        pace.rest()
        assert not pace._touched
    finally:
        pace.release()
    assert gc.isenabled()


async def test_the_welcome_screen_returns_the_choice():
    for key, choice in (("d", "demo"), ("s", "sign in"), ("q", None)):
        app = WelcomeApp()
        async with app.run_test() as pilot:
            await pilot.press(key)
            await until(partial(getattr, app, "_exit"))
        assert app.return_value == choice
