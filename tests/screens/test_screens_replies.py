"""Marketing's answers on the screens: the badge, what is unread, when it counts as read, what came back and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.cells import say
from screens.foot import Connection, counts_zones, status_line
from screens.history.screen import HistoryScreen
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.lead.page import lead_page
from screens.lead.screen import LeadScreen
from screens.panels.glance import Glance
from screens.replies import reading
from screens.replies.screen import RepliesScreen
from screens.themes import DARK
from tests.screens.sample import HOSTILE, NOW, rich_lead
from tests.screens.stage import RULES
from tests.screens.test_screens_undo import delivered
from tests.screens.watching import running, until, widest
from triage.desk.events import SyncFinished, SyncReport
from triage.desk.results import Status
from triage.domain.act import Act
from triage.domain.answers import Answers
from triage.domain.blind import blinded
from triage.domain.entry import Entry
from triage.domain.inbox import View
from triage.domain.item import State
from triage.domain.lead import LeadId
from triage.domain.review import BandStatistics, Reply, ReplyKind
from triage.store.outbox import Move
from triage.store.seen import Seen

INK = Inks.of(DARK).plain
BANDS = {"A": BandStatistics("A", 90, 26, 58), "B": BandStatistics("B", 90, 3, 9)}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(reading, "READ_AFTER", 0.05)


def reply(number: int, kind: ReplyKind = ReplyKind.CHANGED, **said) -> Reply:
    values = {
        "text": f"Words {number}",
        "lead_id": f"L-{number + 2:04d}",
        "by": "Kim Weber",
        "of": "gone",
        **said,
    }
    return Reply(f"r{number}", kind=kind, at=NOW - timedelta(hours=number), **values)


def give(session, *replies: Reply) -> None:
    session.thread.call(lambda: session.desk.leads.add_replies(replies, "c2"))


def unread(session) -> int:
    return session.thread.call(session.desk.status).unread


async def show_replies(watch) -> None:
    await watch.press("R")
    await until(lambda: isinstance(watch.app.screen, RepliesScreen))
    await watch.sees("from marketing")


# The badge


def status(count: int) -> Status:
    counts = dict.fromkeys(State, 0)
    return Status(
        counts, offline=False, fetched_at=NOW, last_sync_at=NOW, last_error="", next_due=None, unread=count
    )


def test_the_status_bar_says_how_many_answers_were_not_read_and_leads_to_them():
    line = status_line(status(3), Connection(), profile="p", now=NOW, width=60, ink=INK, replies_key="R")
    assert "● online · R 3" in line.text
    (zone,) = counts_zones(line, lambda: "queue", lambda: "replies", "R 3")
    assert zone[2]() == "replies"
    assert line.text[zone[0] : zone[1]] == "R 3"
    assert "R" not in status_line(status(0), Connection(), profile="p", now=NOW, width=60, ink=INK).text


async def test_the_badge_counts_down_as_answers_are_read_and_the_mark_is_on_the_disk(session):
    give(session, reply(1), reply(2))
    async with running(session) as watch:
        assert "· R 2" in watch.status()
        await show_replies(watch)
        await until(lambda: "· R 1" in watch.status(), watch.status())
        assert unread(session) == 1
        await watch.press("j")
        await until(lambda: "· R" not in watch.status(), watch.status())
        assert session.thread.call(lambda: Seen(session.desk.outbox.db).unsent()) == ("r1", "r2")


async def test_what_is_only_passed_over_is_not_read(session, monkeypatch):
    monkeypatch.setattr(reading, "READ_AFTER", 0.5)
    give(session, *(reply(number) for number in range(1, 6)))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.press("j", "j", "j", "j")
        await until(lambda: unread(session) == 4)
        assert session.thread.call(lambda: Seen(session.desk.outbox.db).unsent()) == ("r5",)


async def test_what_a_window_too_small_does_not_show_is_not_read(session, monkeypatch):
    monkeypatch.setattr(reading, "READ_AFTER", 0.2)
    give(session, reply(1))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.pilot.resize_terminal(40, 10)
        await watch.pilot.pause(0.5)
        assert unread(session) == 1


async def test_an_unread_answer_is_first_and_keeps_its_place_while_it_is_read(session):
    give(session, reply(1, seen_at=NOW), reply(2), reply(3, seen_at=NOW))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.sees("Words 2")
        text = watch.text()
        assert text.index("Words 2") < text.index("Words 1") < text.index("Words 3")
        await until(lambda: unread(session) == 0)
        await until(lambda: "● " not in "".join(watch.lines()[1:-1]))
        assert watch.text().index("Words 2") < watch.text().index("Words 1")
        await watch.press("q")
        await show_replies(watch)
        assert watch.text().index("Words 1") < watch.text().index("Words 2")


async def test_x_marks_all_as_read(session):
    give(session, *(reply(number) for number in range(1, 9)))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.press("x")
        await watch.sees("marked as read")
        assert unread(session) == 0
        await watch.press("x")
        await watch.sees("All were read already.")


async def test_opening_the_lead_reads_its_answers(session):
    give(session, reply(1), reply(9, lead_id="L-0003", text="The rule is another now", link="definition v5"))
    async with running(session) as watch:
        await watch.go_to("L-0003")
        assert unread(session) == 2
        await watch.press("enter")
        await until(lambda: isinstance(watch.app.screen, LeadScreen))
        await watch.sees("The rule is another now → definition v5")
        await until(lambda: unread(session) == 0)


async def test_a_disk_that_takes_no_mark_is_no_reason_to_stop_reading(session, monkeypatch):
    from triage.errors import WriteFailed

    def refuse(_ids):
        raise WriteFailed("No space left on device.")

    give(session, reply(1))
    monkeypatch.setattr(session.desk, "see", refuse)
    async with running(session) as watch:
        await show_replies(watch)
        await watch.pilot.pause(0.3)
        assert watch.app.is_running
        assert unread(session) == 1


async def test_an_answer_that_a_sync_brings_is_on_its_lead_and_in_the_badge_at_once(session):
    def sync():
        session.thread.call(lambda: session.desk.leads.add_replies([reply(1)], "c2"))
        return [SyncFinished(SyncReport(replies=1))]

    async with running(session) as watch:
        session.during = sync
        assert "· R" not in watch.status()
        await watch.press("S")
        await until(lambda: "· R 1" in watch.status(), watch.status())
        assert watch.tray.inbox.entries["L-0003"].badges[0] == "R"


# What came back


def returned(session, text: str = "Look again: the title was wrong") -> None:
    """Reject the lead of which all is known, and let marketing give it back with another score."""

    def made() -> None:
        desk = session.desk
        item = desk.decide([LeadId("L-0001")], Act.REJECT, reason="WRONG_PERSONA").items[0]
        desk.outbox.move([Move.to(State.SENDING, item.id)])
        desk.outbox.move([Move.to(State.APPLIED, item.id)])
        at = NOW - timedelta(hours=5)
        desk.outbox.move([Move.to(State.REVIEWED, item.id, changed_at=at)])
        before = rich_lead()
        desk.leads.put(replace(before, fetched_at=NOW, score=replace(before.score, score=58, band="B")))
        desk.leads.add_replies([reply(2, ReplyKind.RETURNED, of=item.id, lead_id="L-0001", text=text)], "c2")

    session.thread.call(made)


async def test_a_returned_lead_is_on_top_with_its_badge_the_words_and_what_changed(session):
    returned(session)
    async with running(session) as watch:
        assert watch.tray.shown[0] == "L-0001"
        await watch.press("g", "g")
        await watch.sees("RET R")
        text = watch.text()
        assert "returned  Look again: the title was wrong · Kim Weber · 2h ago" in text
        assert "since     your reject WRONG_PERSONA: " in text
        assert "score 72 → 58 · band A → B" in text
        await watch.press("a")
        await watch.sees("accepted")
        assert watch.tray.inbox.entries["L-0001"].answers is not None
        assert watch.tray.inbox.entries["L-0001"].returned is None


async def test_the_tab_shows_what_was_answered_and_its_number_what_is_unread(session):
    give(session, reply(1), reply(2, seen_at=NOW))
    async with running(session, size=(160, 40)) as watch:
        assert "Replies 1 " in watch.lines()[0]
        await watch.press("tab", "tab", "tab", "tab")
        assert watch.tray.inbox.view is View.REPLIES
        assert list(watch.tray.shown) == ["L-0003", "L-0004"]


async def test_a_tab_without_leads_says_where_answers_about_other_leads_are(session):
    give(session, reply(1, lead_id="L-9999"))
    async with running(session, size=(160, 40)) as watch:
        await watch.press("tab", "tab", "tab", "tab")
        await watch.sees("Replies: no lead on your list was answered.")
        assert "R shows 1 reply not read yet, on leads that are not here." in watch.text()


async def test_what_was_changed_because_of_the_rep_is_said_with_the_replies_and_the_history(session):
    give(session, reply(1, link="scoring m8"), reply(2, ReplyKind.DELIVERED, link="asset 7"), reply(3))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.sees("Changed because of you: 2 this quarter")
        await watch.press("q", "a", "H")
        await until(lambda: isinstance(watch.app.screen, HistoryScreen))
        await watch.sees("Changed because of you: 2 this quarter")


# A line for the chat


async def test_x_copies_a_line_about_a_reply_or_an_act(session):
    give(session, reply(1, text="Call ada.park@northwind.example or +49 30 5550 123", link="scoring m8"))
    async with running(session) as watch:
        await show_replies(watch)
        await watch.press("X")
        await watch.sees("Copied the line")
        line = watch.app.clipboard
        assert "marketing (Kim Weber): changed “Call […] or […]” → scoring m8" in line
        await watch.press("q", "a", "H")
        await until(lambda: isinstance(watch.app.screen, HistoryScreen))
        await watch.sees("accepted")
        await watch.press("X")
        await until(lambda: watch.app.clipboard.endswith("· accepted"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_answers_stay_text_in_brief_page_and_line(text):
    item_reply = reply(1, text=text, by=text, link=text, of_kind=text)
    entry = replace(Entry.of(rich_lead()), answers=Answers.of([item_reply], frozenset({"r1"})))
    glance = Glance(entry, RULES.definition, NOW, 78, INK)
    lines = [*brief_lines(glance, 16), *brief_lines(glance, 40), *(row.line for row in lead_page(glance)[0])]
    assert all(line.text.isprintable() for line in lines)
    assert all(line.width <= 110 for line in lines)
    assert say(text)[:10].strip() in "\n".join(line.text for line in lines)


async def test_hostile_answers_are_copied_as_text(session):
    give(session, *(reply(number, text=text, by=text, link=text) for number, text in enumerate(HOSTILE, 1)))
    async with running(session) as watch:
        await show_replies(watch)
        for _each in HOSTILE:
            await watch.press("X", "j")
            assert watch.app.clipboard.isprintable()
            assert all(widest(widget) <= 80 for widget in watch.widgets())


# The band


def band_lines(entry: Entry, height: int = 40) -> list[str]:
    glance = Glance(entry, RULES.definition, NOW, 78, INK, bands=BANDS)
    return [line.text.strip() for line in brief_lines(glance, height)]


def test_the_brief_says_how_the_team_fared_with_leads_of_this_band():
    assert "band A    90 d: 45% accepted, n=58, 33–58%" in band_lines(Entry.of(rich_lead()))
    few = replace(rich_lead(), score=replace(rich_lead().score, band="B"))
    assert "band B    90 d: 33% accepted, n=9, direction only" in band_lines(Entry.of(few))


def test_where_there_is_little_room_it_stands_in_cells_that_nothing_else_wants():
    assert any("A: 45% of 58" in line for line in band_lines(Entry.of(rich_lead()), 16))


def test_a_hidden_score_is_not_told_by_its_band():
    told = "\n".join(
        [*band_lines(blinded(Entry.of(rich_lead()))), *band_lines(blinded(Entry.of(rich_lead())), 16)]
    )
    assert "45%" not in told


def test_a_band_that_nobody_counted_says_nothing():
    other = replace(rich_lead(), score=replace(rich_lead().score, band="Z"))
    assert not [line for line in band_lines(Entry.of(other)) if line.startswith("band")]


async def test_an_undone_act_is_no_answer(session):
    async with running(session) as watch:
        await watch.press("a")
        delivered(session)
        assert "· R" not in watch.status()
