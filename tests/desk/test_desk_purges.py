"""Purging: nothing of a lead stays in any file, nothing else is lost, and nothing undelivered goes unasked."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import NOW, Office, lead, lead_id, office
from tests.settled import LONG_AGO, SECRET, decided, put, told
from triage.desk.keeping import Keeping, Places
from triage.desk.purging import Found, Scope, look, purge
from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.act import Act
from triage.domain.archived import Archived
from triage.domain.feedback import FeedbackType
from triage.domain.item import UNDELIVERED, Item, State
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind
from triage.errors import CorruptJournal, NotAllowed, StoreError, WriteFailed
from triage.store.archive import Archive

ONE, TWO, THREE = (lead_id(number) for number in range(1, 4))
MONTH = timedelta(days=30)
FIRST = Scope(frozenset({ONE}))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    made = office(tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def keeping(place: Office) -> Keeping:
    return keeping_of(place)


def keeping_of(place: Office) -> Keeping:
    places = Places(place.folder, place.folder, place.folder.parent / "logs")
    places.logs.mkdir(exist_ok=True)
    return Keeping(place.desk, Archive(place.folder / "archive"), places, decisions=MONTH, leads=MONTH)


def purged(keeping: Keeping, scope: Scope, *, force: bool = False) -> Found:
    return purge(keeping, scope, keeping.places.state / "sync.lock", force=force)


def files_with(place: Office, *words: str) -> list[str]:
    """Return the files under the home in which any of the words stands, plain or as JSON writes it."""
    wanted = [form.encode() for word in words for form in (word, json.dumps(word)[1:-1])]
    files = [path for path in place.folder.parent.rglob("*") if path.is_file()]
    return [path.name for path in files if any(one in path.read_bytes() for one in wanted)]


def ids(place: Office) -> list[str]:
    return [item.id for item in place.desk.outbox.all()]


def litter(place: Office) -> None:
    """Leave what crashes, damage and logs may leave, with the first lead in each."""
    what = f"{ONE} {lead(1).email} {lead(1).name}"
    for name in (
        "outbox.journal.torn-20261117T090000Z",
        "outbox.journal.damaged-20261117T090000Z-2",
        "leads.journal.before-2-20261117T090000Z",
        "outbox.journal.new",
        "leads.journal.new",
        "archive/2026-10.journal.new",
        "archive/2026-10.journal.torn-20261117T090000Z",
        "../logs/triage.log",
        "../logs/triage.log.1",
        "../logs/crash/20261117.txt",
    ):
        path = place.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(what)


def history(place: Office, keeping: Keeping) -> None:
    """Give the first lead one of everything that can be kept of a lead."""
    put(place.desk.outbox, decided(1, "said-d1"), told(1, "said-f1"), decided(2, "said-d2"))
    keeping.archive.keep([Archived.of_item(decided(1, "said-d0")), Archived.of_item(decided(3, "said-d3"))])
    place.desk.leads.add_replies([Reply("said-r1", "said-d0", ReplyKind.ACKNOWLEDGED, "Thanks")], "1")
    place.desk.leads.add_replies(
        [Reply("said-r2", "said-d2", ReplyKind.ACKNOWLEDGED, "About Bruno Lindqvist")], "2"
    )


# One lead


def test_after_a_purge_no_file_names_the_lead(place, keeping) -> None:
    history(place, keeping)
    litter(place)
    known = lead(1)
    found = purged(keeping, FIRST)
    assert files_with(place, ONE, known.email, known.name, "said-d1", "said-f1", "said-d0", "said-r1") == []
    assert found.counts | {"files": 0} == {
        "leads": 1,
        "items": 2,
        "undelivered": 0,
        "replies": 2,
        "archived": 1,
        "redacted": 0,
        "files": 0,
    }


def test_what_a_crash_left_half_written_goes_even_where_there_is_nothing_else(place, keeping) -> None:
    litter(place)
    keeping.archive.keep([Archived.of_item(decided(3, "said-d3"))])
    place.desk.leads.drop([ONE])
    purged(keeping, FIRST)
    assert files_with(place, ONE, lead(1).email) == []


def test_a_purge_leaves_everything_of_the_others(place, keeping) -> None:
    history(place, keeping)
    before = {entry.lead_id: replace(entry, answers=None) for entry in place.desk.entries()}
    purged(keeping, FIRST)
    place.reopen()  # an answer that named the lead went too, wherever it stood
    assert {entry.lead_id: entry for entry in place.desk.entries()} == {
        name: entry for name, entry in before.items() if name != ONE
    }
    assert ids(place) == ["said-d2"]
    assert [row.id for row in keeping.archive.all()] == ["said-d3"]
    assert place.synced().fetched == 0


def test_who_another_lead_names_is_taken_out_of_it(place, keeping) -> None:
    known = lead(1)
    account = Account(
        "A-2",
        siblings=(Sibling(ONE, known.name), Sibling(THREE, "C")),
        duplicate_of=DuplicateMatch(ONE, known.name, "e-mail"),
    )
    moment = f"Called by {known.name} ({known.email.upper()}), like {ONE}0"
    place.desk.leads.put(lead(2, account=account, moment=moment, fetched_at=NOW))
    item = decided(2, "said-d2", act=Act.REJECT, reason="DUPLICATE")
    put(
        place.desk.outbox,
        replace(item, decision=replace(item.decision, params={"lead_id": ONE}, note=moment)),
    )
    assert purged(keeping, FIRST).counts["redacted"] == 2
    entry = place.desk.entry(TWO)
    assert entry.lead.account == Account("A-2", siblings=(Sibling(THREE, "C"),))
    assert entry.lead.moment == f"Called by [removed] ([removed]), like {ONE}0"
    assert entry.decision is not None
    assert entry.decision.decision.params == {"lead_id": "[removed]"}
    assert entry.decision.state is State.APPLIED
    assert files_with(place, known.name, known.email) == []


def test_what_two_leads_share_is_left_to_the_other_and_said(place, keeping) -> None:
    twin = lead(2, name=lead(1).name, email=lead(1).email, fetched_at=NOW)
    place.desk.leads.put(twin)
    found = purged(keeping, FIRST)
    assert found.same_address == (TWO,)
    assert place.desk.entry(TWO).lead == twin


def test_a_short_number_is_looked_for_only_where_an_id_stands(place, keeping) -> None:
    numbered = lead(1, lead_id=LeadId("7"), name="Only Here", email="", phone="", fetched_at=NOW)
    account = Account("A-7", siblings=(Sibling("7", "Only Here"),))
    other = lead(2, moment="7 visits in 7 days", version="7", account=account, fetched_at=NOW)
    place.desk.leads.put(numbered)
    place.desk.leads.put(other)
    item = decided(2, "said-d2", act=Act.REJECT, reason="DUPLICATE")
    put(
        place.desk.outbox,
        replace(item, decision=replace(item.decision, params={"lead_id": "7", "until": "7"})),
    )
    purged(keeping, Scope(frozenset({LeadId("7")})))
    assert place.desk.outbox.get("said-d2").decision.params == {"lead_id": "[removed]", "until": "7"}
    assert place.desk.entry(TWO).lead == replace(other, account=Account("A-7"))


def test_a_lead_that_is_not_here_is_no_error(place, keeping) -> None:
    assert sum(purged(keeping, Scope(frozenset({LeadId("L-777")}))).counts.values()) == 0
    assert len(place.desk.entries()) == 5


# Undelivered


@pytest.mark.parametrize("state", sorted(UNDELIVERED))
def test_what_is_undelivered_is_refused_and_nothing_is_done(place, keeping, state) -> None:
    history(place, keeping)
    put(place.desk.outbox, decided(1, "said-d9", state))
    litter(place)
    before = {path: path.read_bytes() for path in place.folder.parent.rglob("*.*") if path.is_file()}
    for scope in (FIRST, Scope(), Scope(before=NOW)):
        with pytest.raises(NotAllowed, match="1 item is not delivered yet: nothing was removed"):
            purged(keeping, scope)
    after = {path: path.read_bytes() for path in before}
    assert after | {place.folder / "sync.lock": b""} == before | {place.folder / "sync.lock": b""}


def test_by_force_the_undelivered_goes_too_and_is_never_sent(place, keeping) -> None:
    place.desk.decide([ONE, TWO], Act.ACCEPT)
    assert purged(keeping, FIRST, force=True).undelivered == 1
    place.reopen()
    place.synced()
    assert place.crm.effects_on(ONE) == []
    assert place.crm.effects_on(TWO) == ["accept"]


def test_an_undelivered_decision_that_names_the_lead_is_refused_too(place, keeping) -> None:
    place.desk.decide([TWO], Act.REJECT, reason="DUPLICATE", params={"lead_id": ONE})
    with pytest.raises(NotAllowed):
        purged(keeping, FIRST)
    assert [item.lead_id for item in purged(keeping, FIRST, force=True).items] == [TWO]
    assert TWO in place.open_ids()


def test_nothing_is_purged_while_another_process_syncs(place, keeping) -> None:
    with (place.folder / "sync.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with pytest.raises(NotAllowed, match="syncing"):
            purged(keeping, FIRST)
    assert len(place.desk.entries()) == 5


# Everything, and what is old


def test_all_of_it_leaves_a_profile_that_works_as_on_its_first_day(place, keeping) -> None:
    history(place, keeping)
    litter(place)
    place.desk.set_offline(True)
    purged(keeping, Scope())
    words = [
        word for number in range(1, 6) for word in (lead_id(number), lead(number).email, lead(number).name)
    ]
    assert files_with(place, SECRET, *words) == []
    left = {path.name for path in place.folder.parent.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert left == {"leads.journal", "outbox.journal"}
    place.reopen()
    assert place.desk.offline
    assert place.synced().fetched == 5


def test_another_process_goes_on_after_everything_was_purged(place, keeping) -> None:
    other = place.another_desk()
    put(place.desk.outbox, decided(1, "said-d1"))
    other.changed_elsewhere()
    purged(keeping, Scope())
    other.changed_elsewhere()
    assert (other.outbox.all(), other.entries(), other.outbox.db.notices) == ((), (), [])
    place.synced()
    other.changed_elsewhere()
    assert other.decide([ONE], Act.ACCEPT).items
    other.outbox.close()
    other.leads.close()


def test_what_is_old_goes_and_what_is_young_stays(place, keeping) -> None:
    put(place.desk.outbox, decided(7, "said-d1"), decided(8, "said-d2", at=NOW))
    keeping.archive.keep(
        [Archived.of_item(decided(7, "said-d3")), Archived.of_item(decided(7, "said-d4", at=NOW - MONTH / 2))]
    )
    litter(place)
    old = place.folder / "outbox.journal.torn-20261117T090000Z"
    os.utime(old, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    for path in place.folder.parent.rglob("*"):
        if path != old and ("journal." in path.name or "log" in str(path)):
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    found = purged(keeping, Scope(before=NOW - MONTH))
    assert ids(place) == ["said-d2"]
    assert [row.id for row in keeping.archive.all()] == ["said-d4"]
    assert found.files == (old,)
    assert len(place.desk.entries()) == 5


def test_old_leads_go_and_are_fetched_again(place, keeping) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    place.clock.go(days=50)
    young = place.desk.feedback([TWO], FeedbackType.NOTE, {"text": "hello"}).items[0]
    scope = Scope(before=place.clock.now - MONTH)
    with pytest.raises(NotAllowed):
        purged(keeping, scope)
    assert purged(keeping, scope, force=True).counts["leads"] == 4
    assert ids(place) == [young.id]
    assert [entry.lead_id for entry in place.desk.entries()] == [TWO]
    place.synced()
    assert len(place.desk.entries()) == 5


# Before, halfway, and with damage


def test_a_preview_counts_the_same_and_writes_nothing(place, keeping) -> None:
    history(place, keeping)
    litter(place)
    before = {path: path.read_bytes() for path in place.folder.parent.rglob("*") if path.is_file()}
    counts = {scope: look(keeping, scope).counts for scope in (FIRST, Scope(), Scope(before=NOW))}
    assert {path: path.read_bytes() for path in before} == before
    assert purged(keeping, FIRST).counts == counts[FIRST]


def test_a_purge_that_fails_half_way_does_not_say_that_nothing_was_done(place, keeping, monkeypatch) -> None:
    history(place, keeping)
    monkeypatch.setattr(place.desk.leads, "drop", full)
    with pytest.raises(StoreError, match="Only a part was removed: disk full") as caught:
        purged(keeping, FIRST)
    assert "the same purge again" in caught.value.hint


def full(*_args: object) -> None:
    raise WriteFailed("disk full")


class Stop(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("scope", [FIRST, Scope()], ids=["a lead", "all"])
def test_a_purge_that_was_cut_short_is_finished_by_the_same_one_again(tmp_path, monkeypatch, scope) -> None:
    import triage.desk.purging as module
    from triage.store.leads import Leads
    from triage.store.outbox import Outbox

    steps = [
        (Leads, "drop_replies"),
        (Outbox, "erase"),
        (Outbox, "redact"),
        (Archive, "erase"),
        (module, "remove"),
        (module.retention, "wipe"),
        (Leads, "drop"),
        (Leads, "clear"),
    ]
    for number, (owner, name) in enumerate(steps):
        place = office(tmp_path / f"{number}" / "state")
        keeping = keeping_of(place)
        history(place, keeping)
        litter(place)
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, stop)
            try:
                purged(keeping, scope)
            except Stop:
                place.reopen()
        purged(keeping_of(place), scope)
        assert (
            files_with(place, ONE, lead(1).email, lead(1).name, "said-d1", "said-f1", "said-d0", "said-r1")
            == []
        )
        place.close()


def stop(*_args: object, **_more: object) -> None:
    raise Stop


def test_a_month_that_does_not_read_is_said_before_anything_is_done(place, keeping) -> None:
    history(place, keeping)
    damaged = keeping.archive.folder / "2026-10.journal"
    damaged.write_bytes(b"damage\nand more\n")
    with pytest.raises(CorruptJournal, match="2026-10") as caught:
        purged(keeping, FIRST)
    assert "Remove that file" in caught.value.hint
    assert ids(place) == ["said-d1", "said-f1", "said-d2"]
    purged(keeping, Scope())
    assert not damaged.exists()


def test_a_settled_item_is_an_item_of_the_type_it_was(place, keeping) -> None:
    put(place.desk.outbox, replace(told(2, "said-f2"), error=f"about {ONE}"))
    purged(keeping, FIRST)
    item = place.desk.outbox.get("said-f2")
    assert isinstance(item, Item)
    assert (item.error, item.state, item.changed_at) == ("about [removed]", State.APPLIED, LONG_AGO)
