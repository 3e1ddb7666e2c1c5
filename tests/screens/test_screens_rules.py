"""Changed rules: told once over the list, shown in full on a key, put away for good on another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from screens.actions import default_keys
from screens.ink import Inks
from screens.reading import Block
from screens.rules.banner import banner_line
from screens.rules.lines import rule_blocks
from screens.rules.screen import RulesScreen
from screens.themes import DARK
from tests.screens.sample import HOSTILE, NOW, lead, passing_lead, rich_lead
from tests.screens.stage import RULES, session_with
from tests.screens.test_screens_deciding import decided, unsent
from tests.screens.watching import running, until
from triage.desk import agreement
from triage.domain.definition import Criterion, Definition
from triage.domain.reasons import ReasonBook
from triage.domain.rule_history import RuleHistory, SeenDefinition, SeenModel, SeenReasons
from triage.domain.rule_marks import Marks
from triage.domain.rule_news import RuleNews, Step, news
from triage.errors import WriteFailed
from triage.store import rule_history

INKS = Inks.of(DARK)
SIZE = RULES.definition.criteria[0]
NEW = replace(
    RULES.definition,
    version="5",
    criteria=(replace(SIZE, label="100 employees or more", value=100), *RULES.definition.criteria[1:]),
    threshold=70.0,
)
CODES = replace(RULES.reasons, version="2", reasons=RULES.reasons.reasons[1:])


def met(session) -> None:
    """Let the rep know the rules as they are."""
    session.thread.call(agreement.take_note, session.desk)


def change(session, **rules) -> None:
    """Let a fetch bring other rules."""
    fetched = {"definition": NEW, "reasons": CODES} | rules
    session.thread.call(rule_history.remember, session.desk.leads, fetched, NOW)


def heading(watch) -> str:
    return watch.lines()[1]


async def look(watch) -> None:
    watch.app.day.decided_before = True
    await watch.app.news.leads_changed(None)
    await watch.pilot.pause()


async def test_rules_that_are_met_at_first_are_no_news(session):
    async with running(session) as watch:
        await look(watch)
        assert "Changed" not in watch.text()
        await watch.press("x")
        assert "There is nothing to dismiss." in watch.foot()


async def test_the_first_rules_are_noted_in_a_pause_and_a_change_is_told_against_them(session):
    async with running(session) as watch:
        await until(lambda: watch.app.day.rulebook.agreement.is_noted)
        await until(lambda: session.thread.call(session.desk.outbox.note, agreement.READ))
        change(session)
        await look(watch)
        assert heading(watch).startswith(" Changed: MQL v4 → v5, codes v1 → v2 · v shows · x dismisses")


async def test_the_news_moves_no_row_and_hides_none(session):
    met(session)
    async with running(session) as watch:
        await look(watch)
        await watch.press("j", "j")
        before, cursor = watch.lines(), watch.cursor
        change(session, reasons=RULES.reasons)
        await look(watch)
        after = watch.lines()
        assert watch.cursor == cursor
        assert after[2:9] == before[2:9]
        await watch.press("x")
        assert watch.lines()[1:9] == before[1:9]


async def test_what_is_dismissed_stays_away_after_a_restart_and_a_later_change_is_told(tmp_path, clock):
    leads = [rich_lead(), passing_lead(), *(lead(number) for number in range(3, 9))]
    with session_with(tmp_path, leads, clock) as session:
        met(session)
        change(session)
        async with running(session) as watch:
            await look(watch)
            await watch.press("x")
            assert "v shows it again" in watch.foot()
            assert "Changed" not in heading(watch)
    with session_with(tmp_path, leads, clock) as session:
        change(session)
        async with running(session) as watch:
            await look(watch)
            assert "Changed" not in heading(watch)
            change(session, definition=replace(NEW, version="6"))
            await look(watch)
            assert "MQL v5 → v6" in heading(watch)


async def test_only_what_was_shown_is_put_away(session):
    met(session)
    change(session)
    async with running(session) as watch:
        await look(watch)
        change(session, definition=replace(NEW, version="6"))  # fetched since, and not drawn yet
        await watch.press("x")
        assert "MQL v5 → v6" in heading(watch)


async def test_what_could_not_be_put_away_stays(session):
    met(session)
    change(session)
    async with running(session) as watch:
        await look(watch)

        def fails(*_: object) -> None:
            raise WriteFailed("The disk is full.")

        kept = session.desk.outbox.remember
        session.desk.outbox.remember = fails
        await watch.press("x")
        assert "NOT SAVED" in watch.foot()
        assert "Changed" in heading(watch)
        session.desk.outbox.remember = kept


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (60, 16)])
async def test_a_key_shows_all_of_the_difference_and_what_is_in_force(session, size):
    met(session)
    change(session)
    session.thread.call(rule_history.remember_models, session.desk.leads, [SeenModel("m8", NOW, 20, 7)])
    async with running(session, size=size) as watch:
        await look(watch)
        await watch.press("v")
        await until(lambda: isinstance(watch.app.screen, RulesScreen))
        await watch.sees("50 employees or more → 100 employees or more")
        seen = set()
        for _ in range(60):
            seen |= {line.strip(" ▌") for line in watch.lines()}
            await watch.press("j")
        for words in (
            "MQL by score: from 65 → from 70",
            "score model m8 since 17 Nov: 7 of 20 leads changed band",
            "Ready for an opportunity (SQL)",
        ):
            assert words in seen
        assert any(words.startswith("gone: reject NOT_ICP_COMPANY") for words in seen)
        assert any(words.startswith("In force: MQL definition v5, agreed on") for words in seen)
        await watch.press("x")
        assert "nothing changed since you last looked" in watch.text()
        await watch.press("q")
        assert "Changed" not in heading(watch)


async def test_what_was_dismissed_stands_first_where_nothing_is_new(session):
    met(session)
    change(session)
    async with running(session) as watch:
        await look(watch)
        await watch.press("x", "v")
        await until(lambda: isinstance(watch.app.screen, RulesScreen))
        await watch.sees("MQL definition v4 → v5, here since 17 Nov 2026")
        assert "50 employees or more → 100 employees or more" in watch.lines()[3]


async def test_a_passed_review_is_asked_about_and_the_key_of_the_definition_answers(session, clock):
    met(session)
    clock.forward(days=60)
    async with running(session) as watch:
        await look(watch)
        assert heading(watch).startswith(
            " Do we still agree on MQL v4? (agreed 19 weeks ago) · D disputes · x dismisses"
        )
        await watch.press("x")
        assert "still agree" not in heading(watch)
        await look(watch)
        assert "still agree" not in heading(watch)


async def test_a_bulk_reject_offers_the_dispute_for_the_leads_on_which_every_line_passes(session):
    async with running(session) as watch:
        await watch.go_to("P-0001")
        await watch.press("space")
        await watch.go_to("L-0001")
        await watch.press("space", "r", "1")
        by_lead = {one.lead_id: one for one in decided(session)}
        assert by_lead["P-0001"].disagrees_with == "definition v4"
        assert by_lead["P-0001"].params == {}
        against = [name for name, one in by_lead.items() if one.disagrees_with]
        assert "D disputes the definition" in watch.foot()
        await watch.press("D", "0", "enter")
        told = [item.feedback.lead_id for item in unsent(session) if item.feedback]
        assert told == against


async def test_a_line_that_is_unknown_is_no_pass_and_the_reject_says_which_it_means(tmp_path, clock):
    short = passing_lead()
    short = replace(short, facts={**short.facts, "industry": None})
    with session_with(tmp_path, [short, rich_lead()], clock) as session:
        async with running(session) as watch:
            await watch.go_to("P-0001")
            await watch.press("r")
            assert "→ ? an" in watch.text()
            await watch.press("1")
            (decision,) = decided(session)
            assert (decision.params, decision.disagrees_with) == ({"criterion": "industry"}, None)
            assert "disputes" not in watch.foot()


def hostile_news(text: str) -> tuple[RuleNews, RuleHistory]:
    line = Criterion(text, text, text, text, text)
    old = Definition(text, (line,), (), NOW, (text,), NOW, 1.0, (text,), {text: 1.0})
    new = replace(old, version=f"{text}2", criteria=(replace(line, label=f"{text}!", value=[text]),))
    book = ReasonBook(text, RULES.reasons.reasons)
    model = SeenModel(text, NOW, 2, 1)
    past = RuleHistory(
        (SeenDefinition(old, NOW), SeenDefinition(new, NOW)), (SeenReasons(book, NOW),), (model,)
    )
    found = news(Marks(f"{text} 0", f"{text}9 0"), new, book, past, NOW)
    assert found is not None
    return found, past


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [60, 80, 93])
def test_hostile_rules_are_one_line_with_whole_keys_and_sentences_that_stay_in_their_cells(text, width):
    found, past = hostile_news(text)
    line, places = banner_line(found, default_keys(), NOW, width, INKS.plain)
    assert line.width <= width
    assert line.text.endswith("· v shows · x dismisses")
    assert line.text.isprintable()
    assert [name for _start, _end, name in places] == ["rules", "put_away"]
    blocks: list[Block] = rule_blocks(found, past, NOW, width, INKS.plain)
    assert all(one.width <= width and one.text.isprintable() for block in blocks for one in block.lines)
    assert all(one.width <= width for block in blocks for one in block.over)


def test_other_words_for_other_steps():
    silent = RuleNews(Marks(), Step("4", "4"))
    line, _places = banner_line(silent, default_keys(), NOW, 80, INKS.plain)
    assert line.text == " Changed: MQL v4, same number · v shows · x dismisses"
    due = replace(RULES.definition, agreed_at=NOW - timedelta(days=3))
    line, _places = banner_line(RuleNews(Marks(), review=due), default_keys(), NOW, 80, INKS.plain)
    assert line.text.startswith(" Do we still agree on MQL v4? (agreed 3 days ago)")


def test_the_pane_of_a_review_and_of_a_lost_version_says_so():
    past = RuleHistory((SeenDefinition(NEW, NOW),), (SeenReasons(CODES, NOW),))
    lost = RuleNews(Marks(), Step("4", "5", is_known=False), Step("1", "2"))
    words = [one.lines[0].text for one in rule_blocks(lost, past, NOW, 78, INKS.plain)]
    assert words[:2] == [
        "the version before is no longer here to compare with",
        "the same lines under another number",
    ]
    asked = rule_blocks(RuleNews(Marks(), review=NEW), past, NOW, 78, INKS.plain)
    assert asked[0].lines[0].text.startswith("Do we still agree on MQL v5?")


async def test_a_click_on_the_banners_keys_does_what_they_do(session):
    met(session)
    change(session)
    async with running(session) as watch:
        await look(watch)
        at = heading(watch).index("v shows")
        await watch.pilot.click("#heading", offset=(at, 0))
        await until(lambda: isinstance(watch.app.screen, RulesScreen))
