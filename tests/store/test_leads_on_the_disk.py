"""The cache of leads holds outlines; whole leads are read from the disk, and a damaged one is never guessed."""

from __future__ import annotations

import math
import weakref
from typing import Any, get_args, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import fields, replace

from tests.fakes import NOW, Clock, FakeCrm, Office, lead, lead_id
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import Item
from triage.domain.lead import Lead
from triage.domain.outline import Outline, PartOfLead
from triage.domain.score import Contribution, Score
from triage.domain.touch import Campaign
from triage.errors import CorruptJournal, WriteFailed
from triage.store import retention, rows
from triage.store.bodies import Filed
from triage.store.leads import LEADS, Leads

SECRET = "Sentinel-77 of the bodies"


@pytest.fixture
def leads(path):
    made = Leads(path)
    yield made
    made.close()


def of_number(number: int, **changes: Any) -> Lead:
    unlike = {
        "moment": f"{SECRET} {number}",
        "phone": f"+49-{number:04}-0",
        "email": f"p{number:04}@a.example",
    }
    return lead(number, **unlike, **changes)


def office(folder) -> Office:
    clock = Clock()
    place = Office(folder, FakeCrm.with_leads(clock, 3), clock)
    place.synced()
    return place


def entries(leads: Leads) -> list[Entry]:
    return leads.outlines(lambda outline, read, gone: Entry(outline, read, gone=gone))


def spoiled(path, text: str) -> None:
    data = path.read_bytes()
    at = data.index(text.encode())
    path.write_bytes(data[:at] + b"?" + data[at + 1 :])


def test_an_entry_has_the_outline_and_reads_the_rest(leads) -> None:
    whole = [of_number(number) for number in range(3)]
    leads.replace_all(whole, frozenset(), "c")
    assert [entry.outline for entry in entries(leads)] == [Outline.of(one) for one in whole]
    assert [entry.lead for entry in entries(leads)] == whole
    assert [one.lead for one in leads.all()] == whole
    assert all(isinstance(row, Filed) for row in leads.db.table(LEADS).held())


def test_an_owner_and_a_campaign_are_held_once_for_all_their_leads(path, leads) -> None:
    ours = Campaign("ours", "Ours")
    leads.replace_all([of_number(number, campaign=ours) for number in range(3)], frozenset(), "c")
    leads.put(of_number(4, campaign=Campaign("other")))
    for cache in (leads, Leads(path)):
        first, *others, last = [entry.outline for entry in entries(cache)]
        assert first.campaign == ours
        assert all(one.owner is first.owner and one.campaign is first.campaign for one in others)
        assert last.campaign == Campaign("other")


def test_a_lead_that_a_merge_brought_is_read_like_those_of_a_whole_fetch(leads) -> None:
    leads.replace_all([of_number(1), of_number(2)], frozenset(), "c")
    leads.merge([of_number(2, title="New"), of_number(3)], [lead_id(1)], frozenset({lead_id(1)}), "d")
    assert {entry.lead_id: (entry.lead.title, entry.gone) for entry in entries(leads)} == {
        lead_id(1): (of_number(1).title, True),
        lead_id(2): ("New", False),
        lead_id(3): (of_number(3).title, False),
    }


def test_a_lead_with_half_a_character_in_it_is_kept(path, leads) -> None:
    odd = of_number(1, company="pasted \ud800")
    leads.replace_all([odd, of_number(2)], frozenset(), "c")
    leads.put(replace(odd, title="\udfff"))
    for each in (leads, Leads(path)):
        assert [entry.lead for entry in entries(each)] == [replace(odd, title="\udfff"), of_number(2)]
        assert entries(each)[0].outline.company == "pasted \ud800"
        assert each.find(lead_id(1)).lead.title == "\udfff"


def test_a_damaged_lead_shows_its_outline_and_the_cache_begins_anew(path, leads) -> None:
    leads.replace_all([of_number(1), of_number(2)], frozenset(), "c")
    shown = entries(leads)
    spoiled(path, f"{SECRET} 1")
    assert shown[0].lead.moment == ""
    assert shown[0].lead.name == of_number(1).name
    assert Outline.of(shown[0].lead) == shown[0].outline
    assert shown[1].lead == of_number(2)
    with pytest.raises(CorruptJournal):
        leads.find(lead_id(1))
    assert leads.db.refresh()
    assert entries(leads) == []
    assert leads.note("cursor") is None
    assert "fetches everything again" in leads.db.notices[0]


def test_nothing_is_decided_on_a_lead_that_does_not_read(tmp_path) -> None:
    place = office(tmp_path)
    cached = tmp_path / "leads.journal"
    spoiled(cached, place.desk.entries()[0].outline.title)
    one = place.desk.entries()[0].lead_id
    with pytest.raises(CorruptJournal):
        place.desk.decide([one], Act.ACCEPT)
    assert place.desk.queue(everything=True) == ()
    place.close()


NUMBERS = ("nan", "inf", "-inf")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_none_is_refused_and_never_becomes_unknown(path, leads, number: str) -> None:
    leads.replace_all([of_number(1)], frozenset(), "c")
    before = path.read_bytes()
    odd = of_number(2, facts={"rate": float(number)})
    for act in (lambda: leads.replace_all([odd], frozenset(), "d"), lambda: leads.put(odd)):
        with pytest.raises(WriteFailed, match="cannot be kept"):
            act()
    assert path.read_bytes() == before


def spots(kind: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return where in a type a number with a point may stand."""
    found = []
    for name, hint in get_type_hints(kind).items():
        for part in (hint, *get_args(hint), *(inner for arg in get_args(hint) for inner in get_args(arg))):
            if part is float:
                found.append((*at, name))
            elif isinstance(part, type) and issubclass(part, Struct):
                found += spots(part, (*at, name))
    return found


def with_nan(value: Any, at: tuple[str, ...]) -> Any:
    """Return a value with a number that is none at a place of it."""
    if isinstance(value, tuple):
        return (with_nan(value[0], at), *value[1:])
    if isinstance(value, dict):
        return {**value, "x": math.nan}
    if not at:
        return math.nan
    return replace(value, **{at[0]: with_nan(getattr(value, at[0]), at[1:])})


def full_lead() -> Lead:
    twin = rows.lead_of({"lead": {"lead_id": "L-1", "account": {"duplicate_of": {"lead_id": "L-2"}}}})
    score = Score(1.0, contributions=(Contribution("c"),))
    return replace(of_number(1), score=score, account=twin.account)


@pytest.mark.parametrize("at", sorted(set(spots(Lead))), ids=".".join)
def test_the_guard_looks_at_every_number_of_a_lead(at: tuple[str, ...]) -> None:
    assert math.isfinite(rows._of_lead(full_lead()))
    assert not math.isfinite(rows._of_lead(with_nan(full_lead(), at)))


@pytest.mark.parametrize(
    "at", sorted({at for at in spots(Item) if at[0] in ("decision", "feedback")}), ids=".".join
)
def test_the_guard_looks_at_every_number_of_an_item(at: tuple[str, ...], tmp_path) -> None:
    place = office(tmp_path)
    one = place.desk.entries()[0].lead_id
    items = [
        *place.desk.decide([one], Act.ACCEPT).items,
        *place.desk.feedback([one], FeedbackType.KUDOS, {"comment": "good"}).items,
    ]
    place.close()
    [item] = [item for item in items if item.kind == at[0]]
    if item.decision is not None:
        snapshot = replace(item.decision.snapshot, score=1.0, contributions=(Contribution("c"),))
        item = replace(item, decision=replace(item.decision, snapshot=snapshot))
    assert math.isfinite(rows._of_item(item))
    assert not math.isfinite(rows._of_item(with_nan(item, at)))


def test_an_outline_names_only_what_a_lead_has() -> None:
    whole = full_lead()
    assert rows.lead_of_outline(Outline.of(whole)).score.score == 1.0
    assert {field.name for field in fields(Outline)} <= {field.name for field in fields(Lead)}


def test_no_byte_of_an_erased_lead_stays_in_the_cache_or_beside_it(path, leads) -> None:
    leads.replace_all([of_number(number) for number in range(400)], frozenset(), "c")
    leads.db.note_down()
    said = of_number(7).email.encode()
    kept = entries(leads)
    assert sum(said in file.read_bytes() for file in path.parent.iterdir()) == 2
    assert (path.with_suffix(".checkpoint")).exists()
    leads.drop([lead_id(7)])
    retention.wipe(leads)
    assert all(said not in file.read_bytes() for file in path.parent.iterdir())
    # Whoever holds it still has the outline that was shown, and no way to the bytes.
    assert kept[7].lead.moment == ""
    assert kept[8].lead == of_number(8)
    leads.close()
    assert all(said not in file.read_bytes() for file in path.parent.iterdir())


def test_a_second_look_at_a_lead_reads_nothing(leads, monkeypatch) -> None:
    leads.replace_all([of_number(1)], frozenset(), "c")
    [entry] = entries(leads)
    first = entry.lead
    monkeypatch.setattr(Filed, "raw", None)
    assert entry.lead is first


def test_when_the_copy_was_taken_and_who_is_there_needs_no_lead(leads, monkeypatch) -> None:
    leads.replace_all([of_number(1, fetched_at=NOW), of_number(2)], frozenset(), "c")
    monkeypatch.setattr(Filed, "raw", None)
    assert leads.taken_at({lead_id(1), lead_id(2)}) == {lead_id(1): NOW, lead_id(2): None}
    assert leads.ids() == {lead_id(1), lead_id(2)}
    assert len(leads) == 2


def test_an_item_with_a_number_that_is_none_is_refused(tmp_path) -> None:
    place = office(tmp_path)
    [item] = place.desk.decide([place.desk.entries()[0].lead_id], Act.ACCEPT).items
    odd = with_nan(item, ("decision", "snapshot", "score"))
    odd = replace(odd, decision=replace(odd.decision, decision_id="other"))
    before = (tmp_path / "outbox.journal").read_bytes()
    with pytest.raises(WriteFailed, match="cannot be kept"):
        place.desk.outbox.add([odd])
    assert (tmp_path / "outbox.journal").read_bytes() == before
    place.close()


def test_leads_that_were_read_of_late_keep_no_old_file(leads) -> None:
    leads.replace_all([of_number(1)], frozenset(), "c")
    assert leads.find(lead_id(1)).lead == of_number(1)
    file = next(iter(leads.db.table(LEADS).held())).place.file
    leads.replace_all([of_number(2)], frozenset(), "d")
    entries(leads)
    gone = weakref.ref(file)
    del file
    assert gone() is None


def test_a_damaged_lead_is_marked_as_a_part_and_salvage_is_not_named_for_what_is_fetched_again(
    path, leads
) -> None:
    leads.replace_all([of_number(1), of_number(2)], frozenset(), "c")
    shown = entries(leads)
    spoiled(path, f"{SECRET} 1")
    assert [isinstance(entry.lead, PartOfLead) for entry in shown] == [True, False]
    with pytest.raises(CorruptJournal) as met:
        leads.find(lead_id(1))
    assert "next sync" in met.value.hint
    assert "salvage" not in met.value.hint


def test_damage_that_was_met_just_before_the_end_is_not_forgotten(path, leads) -> None:
    leads.replace_all([of_number(number) for number in range(400)], frozenset(), "c")
    leads.db.note_down()
    spoiled(path, f"{SECRET} 200")
    with pytest.raises(CorruptJournal):
        leads.find(lead_id(200))
    leads.close()
    again = Leads(path)
    assert (again.note("cursor"), len(again)) == (None, 0), "else only what changed would be fetched"
    again.close()
