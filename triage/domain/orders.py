"""The orders of a list: each total and stable, what is unknown last either way round. Knows no view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.clocks import DUE_SOON
from triage.domain.entry import Entry
from triage.domain.folding import shown_folded
from triage.domain.lead import LeadId, LeadStatus
from triage.domain.outline import AnyLead

ORDER_RULE = "returned, then breached and due soon, then band A to D, then the longest waiting"
"""The default order in words, as the screen prints it."""

UNTOUCHED_AFTER = timedelta(hours=24)
_RETURNED, _BREACHED, _SOON, _NO_RISK = range(-1, 3)
"""What marketing gave back comes first: the rep has seen it once, and somebody waits for the second look."""
_NEVER = float("inf")
_first, _second = itemgetter(0), itemgetter(1)


class Order(Struct, frozen=True):
    """One way to sort a list. The id decides between what is alike."""

    id: str
    label: str
    """A word or two, for a menu and a heading."""
    rule: str
    """In words, as the screen prints it."""
    turned_rule: str
    """The same, the other way round."""
    value: Callable[[Entry, datetime], Any]
    """What is compared; None where it is unknown."""
    descending: bool = False
    turned: bool = False
    """Whether the rep turned it round."""

    @property
    def words(self) -> str:
        """The rule as it is now."""
        return self.turned_rule if self.turned else self.rule

    def turn(self) -> Order:
        """Return it the other way round."""
        return replace(self, descending=not self.descending, turned=not self.turned)

    def sort(self, entries: Iterable[Entry], at: datetime) -> list[LeadId]:
        """Return the ids in this order, as things are at a moment."""
        value = self.value
        valued = [(value(entry, at), entry.outline.lead_id) for entry in entries]
        valued.sort(key=_second)
        known = [pair for pair in valued if pair[0] is not None]
        known.sort(key=_first, reverse=self.descending)  # stable: among equals the ids stay in order
        ids = [lead_id for _value, lead_id in known]
        if len(known) < len(valued):
            ids += [lead_id for found, lead_id in valued if found is None]
        return ids

    def place(
        self,
        entry: Entry,
        ids: Sequence[LeadId],
        entries: Mapping[LeadId, Entry],
        at: datetime,
        start: int = 0,
    ) -> int:
        """Return where a lead stands, or would, in a list that is in this order."""
        mine, my_id = self.value(entry, at), entry.outline.lead_id
        low, high = start, len(ids)
        while low < high:
            middle = (low + high) // 2
            other = ids[middle]
            if self._precedes(self.value(entries[other], at), other, mine, my_id):
                low = middle + 1
            else:
                high = middle
        return low

    def _precedes(self, one: Any, one_id: LeadId, other: Any, other_id: LeadId) -> bool:
        if one is None or other is None:
            return one_id < other_id if one is other else other is None
        if one == other:
            return one_id < other_id
        return bool((one > other) if self.descending else (one < other))


def urgency(lead: AnyLead, now: datetime) -> tuple[int, str, float]:
    """Return what the default order (`ORDER_RULE`) compares; smaller comes first."""
    # Spelled out, for it is asked of fifty thousand leads: `sla_state` says the same in more steps.
    score, due, until = lead.score, lead.sla_due_at, lead.snoozed_until
    since = lead.assigned_at or lead.created_at
    risk = _NO_RISK
    if due is not None and due - now <= DUE_SOON and (until is None or until <= now):
        risk = _BREACHED if due < now else _SOON
    return (
        risk,
        (score.band or "~") if score is not None else "~",
        since.timestamp() if since is not None else _NEVER,
    )


def _urgency(entry: Entry, now: datetime) -> tuple[int, str, float]:
    if entry.answers is not None and entry.returned is not None:
        return (_RETURNED, "", 0.0)
    return urgency(entry.outline, now)


def triage_order(lead: AnyLead, now: datetime) -> tuple[int, str, float, str]:
    """Return the sort key of the default order; the id makes it total."""
    return (*urgency(lead, now), lead.lead_id)


def _touched(entry: Entry, now: datetime) -> tuple[bool, float]:
    """Untouched for a day first, then the longest untouched; what was won waits for no call."""
    if entry.outline.status is LeadStatus.WON:
        return (True, _NEVER)
    touched = entry.outline.last_touch_at or entry.outline.assigned_at
    fresh = touched is not None and now - touched < UNTOUCHED_AFTER
    return (fresh, touched.timestamp() if touched else 0.0)


def _of_score(name: str) -> Callable[[Entry, datetime], Any]:
    return lambda entry, _now: getattr(entry.outline.score, name, None)


def _band(entry: Entry, _now: datetime) -> Any:
    score = entry.outline.score
    return (score.band, score.grade or "~") if score is not None and score.band else None


def _by_text(name: str, read: Callable[[Entry], str]) -> Order:
    return Order(
        name,
        name,
        f"by {name}, A to Z",
        f"by {name}, Z to A",
        lambda entry, _now: shown_folded(read(entry)).strip() or None,
    )


URGENCY = Order(
    "urgency",
    "risk, band, age",
    ORDER_RULE,
    "the least urgent first: no deadline near, then band D to A, then the newest",
    _urgency,
)
UNTOUCHED = Order(
    "untouched",
    "untouched",
    "untouched for a day first, then the longest untouched",
    "the latest touched first",
    _touched,
)
LATEST = Order(
    "decided",
    "decided",
    "the latest decision first",
    "the earliest decision first",
    lambda entry, _now: entry.decision.made_at if entry.decision else None,
    descending=True,
)
ANSWERED = Order(
    "answered",
    "answered",
    "what you have not read first, then the latest answer",
    "what you have read first, then the earliest answer",
    lambda entry, _now: (bool(entry.answers.unread), entry.answers.at) if entry.answers else None,
    descending=True,
)
COLUMNS: tuple[Order, ...] = (
    Order(
        "sla", "deadline", "the nearest deadline first", "the farthest deadline first",
        lambda entry, _now: entry.outline.sla_due_at,
    ),
    Order(
        "band", "band and grade", "band A first, then the best grade", "the last band first",
        _band,
    ),
    Order("score", "score", "highest score first", "lowest score first", _of_score("score"), descending=True),
    Order("fit", "fit", "best fit first", "worst fit first", _of_score("fit"), descending=True),
    Order(
        "engagement", "engagement", "most engaged first", "least engaged first", _of_score("engagement"),
        descending=True,
    ),
    _by_text("name", lambda one: one.outline.name),
    _by_text("company", lambda one: one.outline.company),
    _by_text("source", lambda one: one.outline.source),
    Order(
        "age", "waiting", "longest waiting first", "newest first",
        lambda entry, _now: entry.outline.assigned_at or entry.outline.created_at,
    ),
    _by_text("title", lambda one: one.outline.title),
    Order("trend", "trend", "rising most first", "falling most first", _of_score("trend"), descending=True),
    _by_text("country", lambda one: one.outline.country),
    _by_text("city", lambda one: one.outline.city),
    _by_text("campaign", lambda one: one.outline.campaign.words if one.outline.campaign else ""),
    Order(
        "tries", "attempts", "most attempts first", "fewest attempts first",
        lambda entry, _now: entry.outline.attempts, descending=True,
    ),
    Order(
        "badges", "warnings", "those with warnings first", "by warning, Z to A",
        lambda entry, _now: entry.badges or None,
    ),
)  # fmt: skip
"""What a rep may sort by, besides the view's own order."""
BY_ID: Mapping[str, Order] = {order.id: order for order in (URGENCY, UNTOUCHED, LATEST, ANSWERED, *COLUMNS)}
