"""A damaged cache is fetched again; a damaged outbox is shown as far as it reads, and nothing is written or sent."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes import NOW, Office, lead_id, office
from tests.settled import decided, put
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.errors import CorruptJournal, NewerFormat
from triage.store.disk import Disk
from triage.store.leads import Leads
from triage.store.outbox import Outbox, held_back
from triage.store.record import encode, seal
from triage.store.salvage import salvage
from triage.store.tiny import JournalDB
from triage.sync.events import FetchAsks

ONE, TWO, THREE = (lead_id(number) for number in (1, 2, 3))


@pytest.fixture
def place(tmp_path):
    made = office(tmp_path)
    yield made
    made.close()


def damage(path: Path, where: bytes) -> bytes:
    """Change one bit of the first place where some bytes stand, and return the file as it is then."""
    data = bytearray(path.read_bytes())
    data[data.index(where)] ^= 1
    path.write_bytes(bytes(data))
    return bytes(data)


def kept(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}.damaged-*"))


# The cache


def test_a_damaged_cache_is_kept_said_and_fetched_again(place: Office) -> None:
    before = {entry.lead_id for entry in place.desk.entries()}
    place.close()
    data = damage(place.folder / "leads.journal", b"L-003")
    place.reopen()
    assert place.desk.entries() == ()
    assert place.desk.leads.note("cursor") is None
    (notice,) = place.desk.status().notices
    assert "leads.journal was damaged at byte" in notice
    assert "next sync fetches everything" in notice
    (copy,) = kept(place.folder, "leads.journal")
    assert copy.name in notice
    assert copy.read_bytes() == data
    assert not any(isinstance(event, FetchAsks) for event in place.sync())
    assert {entry.lead_id for entry in place.desk.entries()} == before
    assert place.crm.fetches[-1] is None


def test_decisions_do_not_need_the_cache_and_their_leads_come_back_decided(place: Office) -> None:
    place.desk.decide([ONE, TWO], Act.ACCEPT)
    place.desk.feedback([THREE], FeedbackType.KUDOS, {})
    place.close()
    damage(place.folder / "leads.journal", b"L-003")
    place.reopen()
    assert [item.state for item in place.desk.queue()] == [State.QUEUED] * 3
    place.synced(deliver=False)
    assert place.open_ids() == {lead_id(3), lead_id(4), lead_id(5)}
    assert place.desk.entry(ONE).decision is not None
    assert place.synced().applied == 2


def test_a_cache_that_is_damaged_while_it_is_open_begins_anew_in_every_process(place: Office) -> None:
    other = place.another_desk()
    place.desk.leads.put(place.desk.entry(ONE).lead)
    damage(place.folder / "leads.journal", b"L-005")
    with (place.folder / "leads.journal").open("ab") as file:
        file.write(b"no record at all\nnor this\n")
    assert other.changed_elsewhere()
    assert other.entries() == ()
    assert place.desk.changed_elsewhere()
    assert place.desk.entries() == ()
    place.synced()
    assert other.changed_elsewhere()
    assert len(other.entries()) == 5
    other.outbox.close()
    other.leads.close()


def test_a_cache_that_cannot_be_moved_aside_is_left_and_the_rest_works(path) -> None:
    class NoNewNames(Disk):
        def replace(self, old, new):
            raise OSError(30, "Read-only file system")

    db = JournalDB(path, durable=False)
    db.insert({"id": "a"})
    db.insert({"id": "b"})
    db.close()
    data = damage(path, b'"a"')
    shown = JournalDB(path, durable=False, disk=NoNewNames())
    assert shown.all() == []
    assert "cannot be moved aside: Read-only" in shown.notices[0]
    assert path.read_bytes() == data
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, path.name + ".lock"]


def test_a_cache_of_a_newer_program_is_refused_and_left_for_that_program(tmp_path) -> None:
    path = tmp_path / "leads.journal"
    newer = seal(encode({"s": 0, "v": 99, "base": 0}))
    path.write_bytes(newer)
    with pytest.raises(NewerFormat):
        Leads(path)
    assert path.read_bytes() == newer


# The outbox


@pytest.fixture
def damaged(place: Office):
    """Return an office with three decisions, of which the second does not read, open for reading."""
    for lead in (ONE, TWO, THREE):
        place.desk.decide([lead], Act.ACCEPT)
    place.desk.outbox.close()
    damage(place.folder / "outbox.journal", b'"L-002"')
    place.desk.outbox = Outbox(place.folder / "outbox.journal", place.clock, reads_damaged=True)
    return place


def test_a_damaged_outbox_is_refused_unless_it_is_only_to_be_read(damaged: Office) -> None:
    with pytest.raises(CorruptJournal):
        Outbox(damaged.folder / "outbox.journal", damaged.clock)


def test_of_a_damaged_outbox_what_reads_is_shown_and_marked_as_not_all(damaged: Office) -> None:
    assert [item.lead_id for item in damaged.desk.queue()] == [ONE, THREE]
    assert damaged.open_ids() == {TWO, lead_id(4), lead_id(5)}
    (notice,) = damaged.desk.status().notices
    assert notice.startswith("outbox.journal is damaged: read-only, incomplete (byte ")


def test_every_write_to_it_says_where_it_is_damaged_and_what_to_do(damaged: Office) -> None:
    path = damaged.folder / "outbox.journal"
    before = path.read_bytes()
    desk = damaged.desk
    for act in (
        lambda: desk.decide([TWO], Act.ACCEPT),
        lambda: desk.feedback([TWO], FeedbackType.KUDOS, {}),
        desk.undo,
        lambda: desk.set_offline(True),
        lambda: desk.drop([desk.queue()[0].id]),
        desk.outbox.db.compact,
    ):
        with pytest.raises(CorruptJournal, match=r"damaged at byte \d+") as caught:
            act()
        assert "--salvage" in caught.value.hint
    assert not desk.outbox.db.worth_compacting()
    assert path.read_bytes() == before
    assert len(desk.queue()) == 2


def test_nothing_is_sent_or_fetched_while_the_outbox_is_damaged(damaged: Office) -> None:
    asked = (list(damaged.crm.fetches), list(damaged.crm.pushed))
    damaged.crm.reassign(TWO)
    for deliver in (True, False):
        stopped = damaged.stopped(deliver=deliver)
        assert isinstance(stopped.error, CorruptJournal)
    assert (damaged.crm.fetches, damaged.crm.pushed) == asked
    assert len(damaged.desk.entries()) == 5


def test_a_program_that_shows_a_damaged_outbox_goes_on_by_itself_once_it_is_salvaged(damaged: Office) -> None:
    desk = damaged.desk
    salvage(damaged.folder / "outbox.journal")
    assert desk.changed_elsewhere()
    assert desk.status().notices == ()
    assert [item.lead_id for item in desk.queue()] == [ONE, THREE]
    desk.decide([TWO], Act.ACCEPT)
    assert len(damaged.another_desk().queue()) == 3


def test_from_its_first_moment_a_salvaged_outbox_holds_nothing_that_leaves_by_itself(damaged: Office) -> None:
    path = damaged.folder / "outbox.journal"
    report = salvage(path, mend=lambda changes: held_back(changes, "damage", NOW))
    assert report.kept_aside is not None
    outbox = Outbox(path, damaged.clock)
    items = outbox.all()
    assert items
    assert {(item.state, item.error, item.changed_at) for item in items} == {(State.REFUSED, "damage", NOW)}
    assert outbox.add([replace(items[0], state=State.QUEUED)]) == items[:1]
    outbox.close()


def test_what_is_settled_stays_settled_in_a_salvage(path) -> None:
    outbox = Outbox(path, lambda: NOW)
    put(outbox, *(decided(number, f"d-{state}", state) for number, state in enumerate(State)))
    outbox.close()
    path.write_bytes(path.read_bytes() + b"not a record\nnor this\n")
    salvage(path, mend=lambda changes: held_back(changes, "damage", NOW))
    again = Outbox(path, lambda: NOW)
    held = {State.QUEUED, State.SENDING, State.UNKNOWN}
    assert [item.state for item in again.all()] == [
        State.REFUSED if state in held else state for state in State
    ]
    again.close()


def test_an_outbox_that_is_removed_while_it_is_open_is_said_before_anything_is_decided(place: Office) -> None:
    place.desk.decide([ONE], Act.ACCEPT)
    shutil.rmtree(place.folder)
    place.desk.changed_elsewhere()
    (notice,) = place.desk.status().notices
    assert "outbox.journal was removed while it was open" in notice
    assert [item.lead_id for item in place.desk.queue()] == [ONE], "what is in memory can still be read off"


def test_damage_that_moves_while_it_is_shown_is_told_anew(damaged: Office) -> None:
    path = damaged.folder / "outbox.journal"
    path.write_bytes(b"?" + path.read_bytes()[1:] + b"\n")
    assert damaged.desk.changed_elsewhere()
    assert damaged.desk.status().notices == ("outbox.journal is damaged: read-only, incomplete (byte 0).",)
    assert [item.lead_id for item in damaged.desk.queue()] == [ONE, THREE]


def test_an_outbox_that_is_damaged_while_it_is_open_keeps_what_it_shows(place: Office) -> None:
    place.desk.outbox.close()
    place.desk.outbox = Outbox(place.folder / "outbox.journal", place.clock, reads_damaged=True)
    place.desk.decide([ONE], Act.ACCEPT)
    place.desk.decide([TWO], Act.ACCEPT)
    path = place.folder / "outbox.journal"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(CorruptJournal, match="it ends here"):
        place.desk.decide([THREE], Act.ACCEPT)
    assert len(place.desk.queue()) == 2


@pytest.mark.parametrize("where", range(0, 1_000, 37))
def test_whatever_byte_is_damaged_it_can_be_looked_at_and_shows_what_salvage_would_keep(path, where) -> None:
    db = JournalDB(path)
    for name in "abc":
        db.insert({"id": name, "text": "x" * 40})
    db.compact()
    for name in "defg":
        db.insert({"id": name, "text": "x" * 40})
    db.close()
    data = bytearray(path.read_bytes())
    data[where % len(data)] ^= 4
    path.write_bytes(bytes(data))
    shown = JournalDB(path, reads_damaged=True).storage.read()
    salvage(path)
    assert JournalDB(path).storage.read() == shown


FOREIGN = {
    "zeros": bytes(4096),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "a plain TinyDB file": b'{"items": {"1": {"id": "a"}}}',
    "one line feed": b"\n",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_no_journal_is_never_an_empty_one(path, what: str) -> None:
    path.parent.mkdir()
    path.write_bytes(FOREIGN[what])
    with pytest.raises(CorruptJournal, match="damaged at byte 0"):
        JournalDB(path)
    shown = JournalDB(path, reads_damaged=True)
    assert (shown.all(), len(shown.notices)) == ([], 1)
    assert path.read_bytes() == FOREIGN[what]
    cache = JournalDB(path, durable=False)
    assert "is kept as" in cache.notices[0]
    (copy,) = kept(path.parent, path.name)
    assert copy.read_bytes() == FOREIGN[what]


def test_a_damaged_file_of_a_newer_program_is_refused_even_to_be_looked_at(path) -> None:
    path.parent.mkdir()
    header, record = seal(encode({"s": 0, "v": 99, "base": 0})), seal(encode({"s": 1, "t": {}}))
    for newer in (header + b"damaged\n" + record, b"damaged\n" + header + record):
        path.write_bytes(newer)
        with pytest.raises(NewerFormat):
            JournalDB(path, reads_damaged=True)
        with pytest.raises(NewerFormat):
            salvage(path)
        assert path.read_bytes() == newer
