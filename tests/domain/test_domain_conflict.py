from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.domain.invented import NOW, a_lead, an_item
from triage.domain.act import Act
from triage.domain.conflict import OWNER, RECORD, STATUS, compared, obstacle, what_others_did
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import Owner
from triage.domain.outcome import Theirs

SAM = Owner("rep-2", "Sam Example")


def conflicting(act=Act.REJECT, theirs=None, **more):
    lead = a_lead()
    theirs = theirs or Theirs("9", "working", lead.owner, "Kim")
    item = an_item(lead, act, state=State.CONFLICT, **more)
    return replace(item, theirs=theirs)


def table(item):
    return {one.field: (one.seen, one.theirs, one.mine, one.changed) for one in compared(item)}


def test_status_and_owner_stand_in_three_versions_with_what_others_changed():
    lead = a_lead()
    rows = table(conflicting(Act.ACCEPT, Theirs("9", "working", SAM, "Kim")))
    assert rows == {
        STATUS: ("assigned", "working", "accepted", True),
        OWNER: (lead.owner.user_id, "rep-2", lead.owner.user_id, True),
    }


def test_a_reject_leaves_the_owner_to_the_crm():
    assert table(conflicting(Act.REJECT))[OWNER][2] == ""


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (Theirs(deleted=True), "deleted"),
        (Theirs(deleted=True, merged_into="L-7"), "merged"),
        (Theirs("9", "assigned", SAM, archived=True), "archived"),
    ],
)
def test_a_record_that_is_away_is_a_field_of_its_own(theirs, said):
    rows = table(conflicting(theirs=theirs))
    wanted = "rejected" if theirs.deleted else ""
    assert rows[RECORD][:3] == ("there", said, wanted)
    assert (STATUS in rows) == (not theirs.deleted)


def test_what_a_conflict_was_compared_with_is_the_base_that_was_sent():
    item = conflicting()
    moved = replace(item, base=replace(item.decision.snapshot.seen, status="snoozed"))
    assert table(moved)[STATUS][0] == "snoozed"


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (Theirs(deleted=True, changed_by="Kim"), "Kim deleted the lead"),
        (Theirs(deleted=True, merged_into="L-7", changed_by="Kim"), "Kim merged the lead into L-7"),
        (Theirs(archived=True, changed_by="Kim"), "Kim archived the lead"),
        (Theirs("9", "assigned", SAM, "Kim"), "Kim gave the lead to Sam Example"),
        (Theirs("9", "accepted", SAM, "Sam Example"), "Sam Example took the lead"),
        (Theirs("9", "working", a_lead().owner, "Kim"), "Kim made it working"),
        (Theirs("9", "working", a_lead().owner), "Someone made it working"),
        (Theirs("9", "assigned", a_lead().owner, "Kim"), "Kim changed the lead since you decided"),
    ],
)
def test_what_others_did_is_said_in_one_clause(theirs, said):
    assert what_others_did(conflicting(theirs=theirs), theirs) == said


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.RESTORE])
def test_mine_can_be_kept_where_the_record_is_there(act):
    assert obstacle(conflicting(act)) is None
    assert obstacle(conflicting(act, Theirs("9", "assigned", SAM, archived=True))) is None


def test_mine_cannot_be_kept_where_there_is_nothing_to_write_to_and_it_says_what_to_do():
    assert "deleted" in obstacle(conflicting(theirs=Theirs(deleted=True))).why
    merged = obstacle(conflicting(theirs=Theirs(deleted=True, merged_into="L-7")))
    assert "L-7" in merged.why
    assert "L-7" in merged.instead
    assert "restored" in obstacle(conflicting(Act.RESTORE)).why
    assert "not in conflict" in obstacle(an_item(a_lead())).why
    told = Feedback("F-1", a_lead().lead_id, FeedbackType.NOTE, {}, NOW)
    assert obstacle(Item(State.CONFLICT, NOW, feedback=told, theirs=Theirs())).instead == "Drop it."
    assert compared(Item(State.CONFLICT, NOW, feedback=told, theirs=Theirs())) == ()
