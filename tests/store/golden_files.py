"""The files of each released version, written by that version, and what a front end showed of them.

A release adds its own, once and for ever: `python -m tests.store.golden_files` writes `tests/store/golden/<version>/`
with every state, act, kind of feedback, a conflict, replies and rules in it. What is there is never written again:
when the documents change, the change comes with a migration, and these files prove it. `0.1.0.dev1` is what 0.1.0
wrote while it was made, before decisions told of skew and blindness, and leads of rules, weights and duplicates.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from tests.fakes import COLLEAGUE, HOLD, NOW, Clock, FakeCrm, Office, lead, lead_id, shipped_rules
from triage import __version__
from triage.desk import agreement
from triage.desk.desk import Desk
from triage.desk.rules import DEFINITION, PEOPLE, REASONS, STATISTICS
from triage.domain.account import Account
from triage.domain.act import Act
from triage.domain.blind import Blind
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.item import State
from triage.domain.lead import Lead, LeadId, LeadStatus
from triage.domain.review import Reply, ReplyKind
from triage.domain.score import Contribution, Direction, Reasons, Score
from triage.domain.touch import Campaign
from triage.store.leads import Leads
from triage.store.outbox import Outbox

GOLDEN = Path(__file__).parent / "golden"
JOURNALS = ("outbox.journal", "leads.journal")
EXPECTED = "expected.json"
LATER = NOW + timedelta(hours=3)
TOLD: dict[FeedbackType, dict[str, str]] = {
    FeedbackType.SCORE_ACCURACY: {"verdict": "too_high", "comment": "naïve – “just looking”"},
    FeedbackType.OBJECTION: {"category": "competitor", "competitor": "Kestrel", "verbatim": "価格が高い"},
    FeedbackType.QUESTION_HEARD: {"question": "Does it speak EDIFACT?"},
    FeedbackType.CONTENT_REQUEST: {"topic": "migration", "persona": "head of IT", "needed_by": "q1"},
    FeedbackType.DATA_CORRECTION: {"field": "title", "proposed": "Head of Procurement"},
    FeedbackType.DEFINITION_DISPUTE: {"criterion": "company-size", "proposal": "from 100 on"},
    FeedbackType.MESSAGE_MISMATCH: {"expected": "a plan in 5 minutes"},
    FeedbackType.KUDOS: {"comment": "good one"},
    FeedbackType.NOTE: {"text": "two lines\nand a tab\t."},
    FeedbackType.WIN_REASON: {"reason": "the roadmap"},
}


def shown(folder: Path) -> dict[str, Any]:
    """Open a profile's stores and return, as plain JSON, all that a front end would show of them."""
    outbox, leads = Outbox(folder / "outbox.journal", Clock(LATER)), Leads(folder / "leads.journal")
    desk = Desk(outbox, leads, rules=shipped_rules, clock=Clock(LATER), hold=HOLD)
    try:
        return _plain(
            {
                "queue": [item.id for item in desk.queue()],
                "everything": desk.queue(everything=True),
                "entries": [_told(entry) for entry in desk.entries()],
                "replies": desk.replies(),
                "status": desk.status(),
                "reasons": desk.reasons(),
                "definition": desk.definition(),
                "people": desk.people(),
                "statistics": desk.statistics(),
                "provided": desk.provided(),
                "library": desk.library(),
                "rules_seen": agreement.history(desk),
                "skew_ms": desk.skew_ms(),
                "pause": outbox.note("pause_until"),
                "cursors": [leads.note("cursor"), leads.note("replies_cursor")],
            }
        )
    finally:
        outbox.close()
        leads.close()


def _told(entry: Entry) -> dict[str, Any]:
    said = {name: getattr(entry, name) for name in ("decision", "feedback", "gone", "outline")}
    return {"lead": entry.lead} | said


def _plain(value: object) -> Any:
    return json.loads(json.dumps(msgspec.to_builtins(value)))


def write(folder: Path) -> None:
    """Write one version's files into a new folder."""
    with tempfile.TemporaryDirectory() as scratch:
        place = _lived_in(Path(scratch))
        place.close()
        folder.mkdir(parents=True)
        for name in JOURNALS:
            (folder / name).write_bytes((Path(scratch) / name).read_bytes())
        expected = json.dumps(shown(Path(scratch)), separators=(",", ":"), sort_keys=True)
        (folder / EXPECTED).write_text(expected + "\n")


def _lived_in(folder: Path) -> Office:
    clock = Clock()
    crm = FakeCrm.with_leads(clock, 16)
    crm.skew = timedelta(minutes=2)
    crm.leads[_id(5)] = lead(5, contacted_at=NOW, attempts=3)
    crm.leads[_id(13)] = _of_hints(lead(13))
    crm.leads[_id(14)] = replace(lead(4), lead_id=_id(14), account=Account(), created_at=NOW)
    place = Office(folder, crm, clock)
    place.synced()
    _keep_rules(place)
    agreement.take_note(place.desk)
    _tell(place)
    _deliver(place)
    for database in (place.desk.outbox.db, place.desk.leads.db):
        database.compact()
    _go_wrong(place)
    _leave_open(place)
    return place


def _id(number: int) -> LeadId:
    return lead_id(number)


def _of_hints(one: Lead) -> Lead:
    """Return a lead with all that a CRM may say beside the least."""
    part = Contribution("webinar", points_earned=8, points_after_decay=4, points_applied=2, group="events")
    hint = Contribution("no budget named", direction=Direction.DOWN)
    score = Score(40, contributions=(part, hint), reasons=Reasons.ORDER)
    campaign = Campaign("2026Q4_WBN", "Autumn webinar series", owner="demand gen")
    return replace(one, score=score, campaign=campaign, sla_rule="raised hand: 4 hours")


_WON = _id(16)
"""Won for the moment in which why is told."""


def _keep_rules(place: Office) -> None:
    rules, leads = shipped_rules(), place.desk.leads
    leads.remember_rules({REASONS: rules.reasons, DEFINITION: rules.definition})
    assert leads.note(PEOPLE) is not None
    assert leads.note(STATISTICS) is not None


def _tell(place: Office) -> None:
    place.desk.leads.amend({_WON: {"status": LeadStatus.WON}})
    about = {FeedbackType.KUDOS: [_id(1), _id(2)], FeedbackType.WIN_REASON: [_WON]}
    told = {
        kind: place.desk.feedback(about.get(kind, [_id(1)]), kind, payload) for kind, payload in TOLD.items()
    }
    place.desk.leads.amend({_WON: {"status": LeadStatus.ASSIGNED}})
    place.synced()
    place.desk.undo(told[FeedbackType.NOTE].items[0].id)
    for kind, reply in (
        (FeedbackType.QUESTION_HEARD, ReplyKind.DELIVERED),
        (FeedbackType.OBJECTION, ReplyKind.NO_CHANGE),
    ):
        item = told[kind].items[0]
        place.crm.answers.append(
            Reply(
                f"RP-{item.id[-4:]}",
                item.id,
                reply,
                "as “agreed”",
                "feedback",
                item.lead_id,
                "M. Example",
                NOW,
                "definition:4",
            )
        )
    place.synced()


def _deliver(place: Office) -> None:
    desk = place.desk
    desk._blind = Blind(1.0)
    upheld = desk.decide([_id(2)], Act.REJECT, reason="NOT_A_BUYER", note="a student").items[0]
    desk._blind = None
    desk.decide([_id(3)], Act.RECYCLE, reason="BAD_TIMING", params={"until": "2027-02-01"})
    desk.decide([_id(4), _id(6)], Act.ACCEPT, reason="CLEAR_NEED")
    desk.decide([_id(5)], Act.DISQUALIFY, reason="NO_BUDGET")
    desk.decide([_id(16)], Act.REROUTE, params={"to": COLLEAGUE.user_id})
    place.synced()
    desk.undo(desk.decide([_id(15)], Act.ACCEPT).items[0].id)
    sent = desk.decide([_id(7)], Act.REJECT, reason="OTHER", params={"note": "no such firm"}).items[0]
    place.synced()
    desk.undo(sent.id)
    place.crm.answers.append(Reply("RP-up", upheld.id, ReplyKind.UPHELD, by="M. Example", at=NOW))
    place.synced()


def _go_wrong(place: Office) -> None:
    desk, crm = place.desk, place.crm
    desk.decide([_id(8), _id(9)], Act.ACCEPT)
    crm.reassign(_id(8))
    crm.refuses[_id(9)] = "The lead is locked by “legal”."
    place.synced()
    lost = desk.decide([_id(10)], Act.ACCEPT).items[0]
    crm.mute, crm.faults = {lost.id}, ["drop-after"]
    place.synced()
    crm.faults = ["limited"]
    desk.decide([_id(13)], Act.ACCEPT)
    place.stopped()


def _leave_open(place: Office) -> None:
    desk = place.desk
    desk.decide([_id(11)], Act.ACCEPT)
    assert desk.decide([_id(11)], Act.SNOOZE, params={"until": "2h"}, note="call after lunch").items
    claimed = desk.decide([_id(12)], Act.ACCEPT).items
    desk.outbox.claim(claimed)
    desk.decide([_id(1), _id(14)], Act.RECYCLE, reason="EARLY_RESEARCH", params={"wake": "none"})
    desk.set_offline(True)
    states = {item.state for item in desk.outbox.all()}
    assert states == set(State), set(State) - states


if __name__ == "__main__":
    write(GOLDEN / (sys.argv[1] if len(sys.argv) > 1 else __version__))
