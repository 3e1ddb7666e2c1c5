"""Weighing a wish: on which leads it is allowed, with what filled in, and what would be recorded of each.

Reads only. A plan holds for as long as nothing that it was made of has changed; then it is made afresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Skipped
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.entry import Entry
from triage.domain.guard import oversleeps, parameter_refusal, refusal, warning
from triage.domain.item import NOT_AT_CRM, Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus, Seen
from triage.domain.outcome import lead_after
from triage.domain.parameters import NAMES, Filled, fill
from triage.domain.people import find_person
from triage.domain.reasons import Reason
from triage.errors import NotAllowed, UsageError

NEEDS_REASON = frozenset({Act.REJECT, Act.RECYCLE, Act.DISQUALIFY})
WATCHES_THE_CLOCK = frozenset({Act.SNOOZE})
"""Acts that waiting alone may forbid: a deadline passes."""
_STATUS_AFTER = {
    Act.ACCEPT: LeadStatus.ACCEPTED,
    Act.REJECT: LeadStatus.REJECTED,
    Act.RECYCLE: LeadStatus.RECYCLED,
    Act.DISQUALIFY: LeadStatus.DISQUALIFIED,
    Act.SNOOZE: LeadStatus.SNOOZED,
}


class Wish(Struct, frozen=True):
    """What the rep asks for, before it meets a lead."""

    act: Act
    reason: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""


class Ready(Struct, frozen=True):
    """A lead on which the wish is allowed, and what would be recorded of it."""

    undecided: Entry
    """As it would be if no decision stood on it."""
    filled: Filled
    draft: Decision
    """As it would be recorded, but for its moment and how the lead was shown."""
    base: Seen | None
    warning: str | None

    @property
    def lead_id(self) -> LeadId:
        """The lead's id."""
        return self.undecided.outline.lead_id


class Plan(Struct, frozen=True):
    """What a wish would do to some leads, as things were when it was made."""

    lead_ids: tuple[LeadId, ...]
    wish: Wish
    ready: tuple[Ready, ...]
    skipped: tuple[Skipped, ...]
    batch_id: str | None
    made_of: tuple[int, int]
    """The generations of outbox and cache: what was read is the same as long as both are."""
    today: date

    def holds(self, books: Books, lead_ids: Sequence[LeadId], wish: Wish, now: datetime) -> bool:
        """Whether the same would come out now, so that nothing has to be read again."""
        return (
            self.made_of == books.generations
            and self.wish == wish
            and self.lead_ids == tuple(lead_ids)
            and self.today == now.astimezone().date()
            and wish.act not in WATCHES_THE_CLOCK
        )


def weigh(books: Books, lead_ids: Sequence[LeadId], wish: Wish, now: datetime) -> Plan:
    """Sort the leads into those that allow the wish and those that do not; raises on a wish that is off."""
    reason = _reason(books, wish)
    given = _given(books, wish, reason)
    entries = books.whole_entries(lead_ids)
    definition, people, reasons = books.definition(), books.people(), books.reasons()
    today, batch_id = now.astimezone().date(), new_id(now) if len(entries) > 1 else None
    ready, skipped, skew_ms = [], [], books.skew_ms()
    for entry, undecided in zip(entries, books.undecided(entries), strict=True):
        lead = standing_lead(entry)
        filled = fill(
            lead, wish.act, reason, given, definition=definition, people=people, today=today, now=now
        )
        why = (
            _not_mine(entry)
            or _repeats(entry, wish)
            or refusal(lead, wish.act, reason, now, reasons)
            or parameter_refusal(wish.act, reason, filled.params, definition)
            or oversleeps(lead, wish.act, filled.params, now)
        )
        if why:
            skipped.append(Skipped(lead.lead_id, why))
        else:
            told = lead if entry.truth is None else standing_lead(entry.truth)
            snapshot = Snapshot.of(told, definition, Shown(), blind=entry.is_blind)
            draft = _draft(entry, wish, filled, snapshot, now=now, batch_id=batch_id, skew_ms=skew_ms)
            ready.append(Ready(undecided, filled, draft, _base(entry), warning(lead, wish.act)))
    return Plan(tuple(lead_ids), wish, tuple(ready), tuple(skipped), batch_id, books.generations, today)


def _reason(books: Books, wish: Wish) -> Reason | None:
    if wish.act is Act.RESTORE:
        raise NotAllowed("Restoring is what undo does.", hint="Run `triage undo ID`, or press u.")
    if wish.reason:
        return books.reasons().find(wish.act, wish.reason)
    if wish.act in NEEDS_REASON:
        codes = ", ".join(reason.code for reason in books.reasons().of(wish.act))
        raise UsageError(f"To {wish.act} needs a reason.", hint=f"One of: {codes}.")
    return None


def _given(books: Books, wish: Wish, reason: Reason | None) -> dict[str, str]:
    """Return the parameters that were said; a note may stand in for a required note."""
    for name in wish.params:
        if name not in NAMES:
            raise UsageError(
                f"“{name}” is not a parameter.", hint=f"The parameters are: {', '.join(sorted(NAMES))}."
            )
    given = dict(wish.params)
    if wish.note and reason is not None and reason.requires == "note":
        given.setdefault("note", wish.note)
    if given.get("to"):
        given["to"] = find_person(given["to"], books.people())
    return given


def standing_lead(entry: Entry) -> Lead:
    """Return the lead as the rep's own undelivered or newer decision leaves it.

    What the CRM certainly does not have yet can be replaced, so it does not count.
    """
    item = entry.decision
    if entry.is_restoring:
        return replace(entry.lead, status=LeadStatus.ASSIGNED)
    if item is None or item.decision is None or not entry.decided or item.state in NOT_AT_CRM:
        return entry.lead
    if item.receipt is not None:
        return lead_after(entry.lead, item.receipt)
    status = _STATUS_AFTER.get(item.decision.act)
    return replace(entry.lead, status=status) if status else entry.lead


def _not_mine(entry: Entry) -> str | None:
    """Say so when the lead went to someone else and no conflict asks for the rep's word."""
    return "no longer on your list" if entry.gone and not _knows_of_change(entry) else None


def _knows_of_change(entry: Entry) -> bool:
    """Whether the rep has been shown what the CRM has now, in a conflict on this lead."""
    standing = _replaced(entry)
    return standing is not None and (standing.theirs is not None or standing.base is not None)


def _repeats(entry: Entry, wish: Wish) -> str | None:
    """Say so when the very same decision stands already and is on its way."""
    item = entry.decision
    if item is None or item.decision is None or not entry.decided or item.state is not State.QUEUED:
        return None
    same = (item.decision.act, item.decision.reason) == (wish.act, wish.reason)
    return f"already {wish.act.done} by you, not sent yet" if same and not wish.params else None


def _draft(
    entry: Entry,
    wish: Wish,
    filled: Filled,
    snapshot: Snapshot,
    *,
    now: datetime,
    batch_id: str | None,
    skew_ms: int | None,
) -> Decision:
    standing = _replaced(entry)
    params = dict(filled.params)
    note = params.pop("note", "") or wish.note
    return Decision(
        decision_id=new_id(now),
        lead_id=entry.outline.lead_id,
        act=wish.act,
        decided_at=now,
        snapshot=snapshot,
        reason=wish.reason.strip().upper() if wish.reason else None,
        params=params,
        note=note,
        batch_id=batch_id,
        supersedes=standing.id if standing else None,
        after_contact=bool(snapshot.contacted),
        disagrees_with=filled.disagrees_with,
        skew_ms=skew_ms,
    )


def _base(entry: Entry) -> Seen | None:
    """Return what the CRM has now, where a conflict has shown it: the rep decides knowing of it."""
    standing = _replaced(entry)
    if standing is None:
        return None
    return standing.theirs.seen if standing.theirs is not None else standing.base


def _replaced(entry: Entry) -> Item | None:
    """Return the decision that a new one takes the place of, or None."""
    standing = entry.decision
    if standing is None or standing.state not in NOT_AT_CRM or entry.is_restoring:
        return None
    return standing
