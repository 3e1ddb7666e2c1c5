"""The account behind a lead: what is said of it, and the way to the other leads it names."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screens.cells import width_of
from screens.ink import Inks
from screens.lead.brief import brief_lines
from screens.lead.copying import copy_options
from screens.lead.page import lead_page
from screens.lead.screen import LeadScreen
from screens.panels.account import account_line, account_lines
from screens.panels.glance import Glance
from screens.panels.person import status_line
from screens.themes import DARK
from tests.screens.sample import NOW, lead, rich_lead
from tests.screens.stage import RULES, session_with
from tests.screens.test_screens_deciding import decided
from tests.screens.watching import running
from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.inbox import Entry
from triage.domain.lead import Lead, LeadId
from triage.domain.touch import Asset

TWIN = DuplicateMatch("L-0004", "Ana Ruiz", "same phone, name 96 %", 0.93, found_here=True)
BEHIND = Account(
    "A-1",
    "Northwind Robotics",
    customer=True,
    open_opportunity="Second line",
    siblings=(Sibling("L-0003", "Hugo Berg"), Sibling("L-0009", "Mia Haas"), Sibling("L-0004", "Ana Ruiz")),
    duplicate_of=TWIN,
)


def seen(of: Lead, width: int = 100, **here: bool) -> Glance:
    on_list = {lead_id.replace("_", "-"): is_open for lead_id, is_open in here.items()}
    ink = Inks.of(DARK).plain
    return Glance(Entry.of(of), RULES.definition, NOW, width, ink, here=on_list)


def test_one_line_says_what_may_change_the_decision_first():
    line = account_line(seen(replace(rich_lead(), account=BEHIND), 200, L_0003=True))
    assert line is not None
    assert line.text == (
        "DUP of    Ana Ruiz L-0004: same phone, name 96 % (0.93, found here)"
        " · a customer · open deal Second line · 2 colleagues, 1 open on your list: Hugo Berg, Mia Haas"
    )
    alone = replace(rich_lead(), account=Account("A-1", "Northwind"))
    assert account_line(seen(alone)) is None


def test_a_crms_own_word_is_not_called_found_here():
    told = replace(BEHIND, duplicate_of=DuplicateMatch("L-7", "", "e-mail"))
    line = account_line(seen(replace(rich_lead(), account=told)))
    assert line is not None
    assert "DUP of    L-7: e-mail · " in line.text


def test_the_page_names_each_and_links_those_on_the_list_the_open_ones_first():
    told = account_lines(seen(replace(rich_lead(), account=BEHIND), L_0009=True, L_0004=False), "o")
    texts = [(line.text.strip(), getattr(about, "lead_id", "")) for line, about in told]
    assert texts == [
        ("DUP of    Ana Ruiz L-0004: same phone, name 96 % (0.93, found here)", "L-0004"),
        ("decided on your list, o opens it", "L-0004"),
        ("account   Northwind Robotics · a customer", ""),
        ("open deal Second line", ""),
        ("also here 2 colleagues · 1 open on your list", ""),
        ("Mia Haas L-0009 · open on your list, o opens it", "L-0009"),
        ("Hugo Berg L-0003 · not on your list", ""),
    ]


@pytest.mark.parametrize(("width", "height"), [(80, 15), (100, 40)], ids=["short", "long"])
def test_the_brief_says_whom_it_is_a_duplicate_of(width, height):
    lines = brief_lines(seen(replace(rich_lead(), account=BEHIND), width), height)
    assert any(
        "DUP of    Ana Ruiz L-0004: same phone, name 96 % (0.93, found here)" in one.text for one in lines
    )


@pytest.mark.parametrize("width", [78, 158], ids=["one column", "two columns"])
def test_the_line_cursor_reaches_the_leads_of_the_account(width):
    rows, column = lead_page(seen(replace(rich_lead(), account=BEHIND), width, L_0003=True, L_0004=True))
    assert [row.opens for row in rows if row.opens] == ["L-0004", "L-0004", "L-0003"]
    assert all(row.line.width <= column for row in rows)


@pytest.mark.parametrize("width", [100, 60])
def test_a_key_is_named_only_where_it_opens_the_lead(width):
    lines = brief_lines(seen(replace(rich_lead(), account=BEHIND), width, L_0004=True, L_0009=True), 60)
    assert any("open on your list" in line.text for line in lines)
    assert not any("opens it" in line.text for line in lines)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_do_not_contact_is_said_where_contact_is(width):
    forbidden = replace(rich_lead(), account=replace(BEHIND, do_not_contact=True))
    said = status_line(seen(forbidden, width))
    assert "✗ do not contact" in said.text
    assert "not contacted" not in said.text
    assert width_of(said.text) <= width
    assert "do not contact" not in status_line(seen(rich_lead(), width)).text


def test_an_account_with_thousands_of_colleagues_names_a_few():
    many = Account("A-1", "Big", siblings=tuple(Sibling(f"S-{number}", "N") for number in range(5_000)))
    told = account_lines(seen(replace(rich_lead(), account=many)))
    assert told[-1][0].text.strip() == "and 4992 more"
    assert len(told) == 10


@pytest.fixture
def twins(tmp_path, clock):
    account = replace(BEHIND, siblings=(Sibling("L-0003", "Hugo Berg"),))
    leads = [replace(rich_lead(), account=account), *(lead(number) for number in range(2, 8))]
    with session_with(tmp_path, leads, clock) as opened:
        yield opened


async def to_line(watch, lead_id: str) -> None:
    screen = watch.app.screen
    assert isinstance(screen, LeadScreen)
    line = next(number for number, row in enumerate(screen._page) if row.opens == lead_id)
    await watch.press("g", "g", *["j"] * line)


async def test_enter_on_the_duplicate_opens_it_and_one_step_back_comes_back(twins):
    async with running(twins) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        await to_line(watch, "L-0004")
        await watch.press("enter")
        assert watch.app.day.tray.cursor == "L-0004"
        assert lead(4).name in watch.text()
        assert isinstance(watch.app.screen, LeadScreen)
        await watch.press("q")
        assert watch.app.day.tray.cursor == "L-0001"
        assert isinstance(watch.app.screen, LeadScreen)
        await watch.press("q")
        assert not isinstance(watch.app.screen, LeadScreen)


async def test_once_the_other_lead_is_decided_the_first_one_is_shown_again(twins):
    async with running(twins) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        await to_line(watch, "L-0003")
        await watch.press("enter", "a")
        assert [one.lead_id for one in decided(twins)] == ["L-0003"]
        assert watch.app.day.tray.cursor == "L-0001"
        assert isinstance(watch.app.screen, LeadScreen)
        await watch.press("q")
        assert not isinstance(watch.app.screen, LeadScreen)


async def test_a_reject_as_duplicate_needs_no_other_key_than_its_digit(twins):
    async with running(twins) as watch:
        await watch.go_to("L-0001")
        await watch.press("r", "5")
        assert decided(twins)[0].params["lead_id"] == "L-0004"


def test_what_is_copied_names_what_the_template_leaves_open():
    of = replace(rich_lead(), asset=Asset("t", template="Hi {first_name},\n{discount}\n{rep}"))
    options = {one.value[0]: one.value[1] for one in copy_options(seen(of), "https://crm.example", "Robin")}
    assert options["template, {discount} to be filled in"] == "Hi Ada,\n{discount}\nRobin"
    assert list(options)[:5] == ["e-mail", "phone", "profile", "CRM link", "line for the chat"]


def test_a_hostile_field_copies_no_line_break():
    of = replace(
        rich_lead(), lead_id=LeadId("L\n1"), email="a\r\nb@x.example", phone="1\n2", moment="m\u2028n"
    )
    for option in copy_options(seen(of), "https://crm.example"):
        if not option.value[0].startswith("template"):
            assert len(option.value[1].splitlines()) == 1
