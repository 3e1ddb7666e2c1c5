"""Pages of leads straight from JSON to the domain, where every field is as the contract says.

Four times as fast as field by field. Owns nothing of what a field may be: whatever is not certainly as
`leads.py` would read it, that file reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw

from triage.crm.fields import EARLIEST, ID_LIMIT, LARGEST_WHOLE, LATEST, LIST_LIMIT, TEXT_LIMIT
from triage.crm.limits import decode
from triage.domain.lead import Lead

_NULL = re.compile(rb', ?"\w+": ?null')
_NULL_FIRST = re.compile(rb'\{ ?"\w+": ?null(?:, ?)?')
"""Null is as good as nothing. Neither can begin inside of a text: there a quote has a backslash before it."""
_UNREADABLE = (ValueError, RecursionError, msgspec.MsgspecError)


class _Page(msgspec.Struct):
    items: list[Raw]
    next_cursor: str
    more: bool
    gone: list[str] = []


_page = msgspec.json.Decoder(_Page).decode
_lead = msgspec.json.Decoder(Lead).decode


def decode_page(raw: bytes) -> Any:
    """Read a page, its leads left in JSON; one of another shape, or with odd text, as any other answer.

    ValueError as `limits.decode`.
    """
    try:
        page = _page(raw)
    except _UNREADABLE:
        return decode(raw)
    return {"items": page.items, "next_cursor": page.next_cursor, "more": page.more, "gone": page.gone}


def lead_at_once(raw: Raw, fetched_at: datetime) -> Lead | None:
    """Return the lead, or None where it has to be read field by field."""
    text = bytes(raw)
    if len(text) > TEXT_LIMIT or text.count(b",") >= LIST_LIMIT:  # then no text and no list in it is too long
        return None
    text = _NULL_FIRST.sub(b"{", _NULL.sub(b"", text))
    try:
        # The last of two fields of one name counts.
        lead = _lead(b'%b,"fetched_at":%b}' % (text[:-1], msgspec.json.encode(fetched_at)))
    except _UNREADABLE:
        return None
    return lead if _is_within_bounds(lead) else None


def _is_within_bounds(lead: Lead) -> bool:
    """Whether nothing of it would be cut, converted or left out."""
    ids = [one for one in (lead.lead_id, lead.last_decision_id) if one is not None]
    odd_ids = [one for one in ids if not 0 < len(one) <= ID_LIMIT]
    large = [number for number in _numbers(lead) if abs(number) > LARGEST_WHOLE]
    unsaid = None in lead.facts.values()  # a null between other spaces than those above
    return not (odd_ids or large or unsaid) and all(map(_is_as_read, _moments(lead)))


def _is_as_read(moment: datetime) -> bool:
    return moment.tzinfo is UTC and not moment.microsecond % 1000 and EARLIEST <= moment <= LATEST


def _numbers(lead: Lead) -> Iterator[float]:
    """Yield what may be no larger than a whole number that every program can hold."""
    yield lead.employees or 0
    yield lead.attempts or 0
    if lead.nurture is not None:
        yield lead.nurture.step or 0
        yield lead.nurture.steps or 0
    for fact in lead.facts.values():
        if type(fact) is int or type(fact) is float:
            yield fact


def _moments(lead: Lead) -> list[datetime]:
    moments = [lead.created_at, lead.event_at, lead.assigned_at, lead.contacted_at, lead.last_touch_at]
    moments += (lead.sla_due_at, lead.snoozed_until)
    moments += [touch.at for touch in lead.touches]
    if lead.score is not None:
        moments.append(lead.score.scored_at)
        moments += [part.occurred_at for part in lead.score.contributions]
    if lead.nurture is not None:
        moments.append(lead.nurture.next_mail_at)
    for recycle in lead.recycles:
        moments += (recycle.at, recycle.wake_at)
    return [moment for moment in moments if moment is not None]
