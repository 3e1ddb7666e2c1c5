"""Deciding: reason, parameters and guards per lead, then one durable record for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.clock import new_id
from triage.desk.books import Books
from triage.desk.results import Acted, Preview, PreviewedLead, Skipped, Warned
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.guard import parameter_refusal, refusal, warning
from triage.domain.inbox import Entry
from triage.domain.item import NOT_AT_CRM, Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus, Seen
from triage.domain.outcome import lead_after
from triage.domain.parameters import NAMES, Filled, fill
from triage.domain.people import find_person
from triage.domain.reasons import Reason
from triage.errors import NotAllowed, UsageError
from triage.store.outbox import Move

NEEDS_REASON = frozenset({Act.REJECT, Act.RECYCLE, Act.DISQUALIFY})
_STATUS_AFTER = {
    Act.ACCEPT: LeadStatus.ACCEPTED,
    Act.REJECT: LeadStatus.REJECTED,
    Act.RECYCLE: LeadStatus.RECYCLED,
    Act.DISQUALIFY: LeadStatus.DISQUALIFIED,
    Act.SNOOZE: LeadStatus.SNOOZED,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the rep asks for, before it meets a lead."""

    act: Act
    reason: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A lead on which the wish is allowed, with its parameters filled in."""

    entry: Entry
    lead: Lead
    """As it stands with the rep's own earlier decision on it."""
    filled: Filled
    snapshot: Snapshot
    warning: str | None


def preview(books: Books, lead_ids: Sequence[LeadId], wish: Wish) -> Preview:
    """Say what would be recorded, lead by lead."""
    ready, skipped = _weigh(books, lead_ids, wish, books.clock())
    allowed = tuple(
        PreviewedLead(one.lead.lead_id, one.filled.params, one.filled.disagrees_with, one.warning)
        for one in ready
    )
    return Preview(allowed, skipped)


def decide(books: Books, lead_ids: Sequence[LeadId], wish: Wish, shown: Mapping[LeadId, Shown]) -> Acted:
    """Record the wish on every lead that allows it, with what each replaces, as one record."""
    now = books.clock()
    ready, skipped = _weigh(books, lead_ids, wish, now)
    if not ready:
        return Acted(items=(), skipped=skipped)
    batch_id = new_id(now) if len(set(lead_ids)) > 1 else None
    items = [
        Item(
            state=State.QUEUED,
            due_at=now + books.hold,
            decision=_decision(one, wish, shown.get(one.lead.lead_id, Shown()), now, batch_id),
            base=_base(one),
        )
        for one in ready
    ]
    recorded = books.outbox.add(items, moves=_superseding(ready))
    return Acted(
        items=recorded,
        skipped=skipped,
        warnings=_warned(ready),
        entries=books.entries_of(item.lead_id for item in recorded),
        batch_id=batch_id,
    )


def _warned(ready: Iterable[_Ready]) -> tuple[Warned, ...]:
    counted = Counter(one.warning for one in ready if one.warning)
    return tuple(Warned(why, count) for why, count in counted.most_common())


def _weigh(
    books: Books, lead_ids: Sequence[LeadId], wish: Wish, now: datetime
) -> tuple[list[_Ready], tuple[Skipped, ...]]:
    """Sort the leads into those that allow the wish and those that do not; raises on a wish that is off."""
    reason = _reason(books, wish)
    given = _given(books, wish, reason)
    entries = [books.entry(lead_id) for lead_id in dict.fromkeys(lead_ids)]
    definition, people, reasons = books.definition(), books.people(), books.reasons()
    ready, skipped = [], []
    for entry in entries:
        lead = standing_lead(entry)
        filled = fill(
            lead, wish.act, reason, given, definition=definition, people=people, today=now.astimezone().date()
        )
        why = (
            _not_mine(entry)
            or _repeats(entry, wish)
            or refusal(lead, wish.act, reason, now, reasons)
            or parameter_refusal(wish.act, reason, filled.params, definition)
        )
        if why:
            skipped.append(Skipped(lead.lead_id, why))
        else:
            snapshot = Snapshot.of(lead, definition, Shown())
            ready.append(_Ready(entry, lead, filled, snapshot, warning(lead, wish.act)))
    return ready, tuple(skipped)


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


def _decision(ready: _Ready, wish: Wish, shown: Shown, now: datetime, batch_id: str | None) -> Decision:
    lead, standing = ready.lead, _replaced(ready.entry)
    params = dict(ready.filled.params)
    note = params.pop("note", "") or wish.note
    return Decision(
        decision_id=new_id(now),
        lead_id=lead.lead_id,
        act=wish.act,
        decided_at=now,
        snapshot=replace(ready.snapshot, shown=shown),
        reason=wish.reason.strip().upper() if wish.reason else None,
        params=params,
        note=note,
        batch_id=batch_id,
        supersedes=standing.id if standing else None,
        after_contact=bool(lead.contacted),
        disagrees_with=ready.filled.disagrees_with,
    )


def _base(ready: _Ready) -> Seen | None:
    """Return what the CRM has now, where a conflict has shown it: the rep decides knowing of it."""
    standing = _replaced(ready.entry)
    if standing is None:
        return None
    return standing.theirs.seen if standing.theirs is not None else standing.base


def _replaced(entry: Entry) -> Item | None:
    """Return the decision that a new one takes the place of, or None."""
    standing = entry.decision
    if standing is None or standing.state not in NOT_AT_CRM or entry.is_restoring:
        return None
    return standing


def _superseding(ready: Iterable[_Ready]) -> list[Move]:
    """Return the steps that take replaced decisions out of the way, in the same record."""
    replaced = (_replaced(one.entry) for one in ready)
    return [Move.to(State.SUPERSEDED, standing.id) for standing in replaced if standing is not None]
