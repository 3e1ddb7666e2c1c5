"""The filter language: `source:webinar band:A,B age>1d title:vp -country:DE acme`.

A term is a word, `field:value[,value…]`, or `field<value` / `field>value`; `-` in front negates; all terms
must hold. Words and text fields match as substrings, whatever the case.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from triage.domain.clocks import age, sla_state
from triage.domain.outline import AnyLead
from triage.errors import UsageError

_SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class BadFilter(UsageError):
    """A filter that cannot be read; `position` is where, in characters from 0."""

    def __init__(self, message: str, *, position: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position


TEXT_FIELDS: dict[str, Callable[[AnyLead], str]] = {
    "name": lambda lead: lead.name,
    "title": lambda lead: lead.title,
    "company": lambda lead: lead.company,
    "email": lambda lead: lead.email,
    "source": lambda lead: lead.source,
    "campaign": lambda lead: f"{lead.campaign.name} {lead.campaign.words}" if lead.campaign else "",
    "industry": lambda lead: lead.industry,
    "city": lambda lead: lead.city,
    "owner": lambda lead: f"{lead.owner.user_id} {lead.owner.name}",
    "id": lambda lead: lead.lead_id,
}
EXACT_FIELDS: dict[str, Callable[[AnyLead], tuple[str, ...]]] = {
    "band": lambda lead: (lead.score.band,) if lead.score else (),
    "grade": lambda lead: (lead.score.grade,) if lead.score else (),
    "country": lambda lead: (lead.country,),
    "status": lambda lead: (lead.status.value,),
    "badge": lambda lead: lead.badges,
    "mql": lambda lead: (lead.mql.by,) if lead.mql else (),
}
NUMBER_FIELDS: dict[str, Callable[[AnyLead], float | None]] = {
    "score": lambda lead: lead.score.score if lead.score else None,
    "fit": lambda lead: lead.score.fit if lead.score else None,
    "engagement": lambda lead: lead.score.engagement if lead.score else None,
    "trend": lambda lead: lead.score.trend if lead.score else None,
    "employees": lambda lead: lead.employees,
    "attempts": lambda lead: lead.attempts,
}
FIELD_NAMES = (*TEXT_FIELDS, *EXACT_FIELDS, *NUMBER_FIELDS, "age", "sla")

_Test = Callable[[AnyLead, datetime], bool]
_Ordered = TypeVar("_Ordered", float, timedelta)


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was read once and matches many leads."""

    text: str
    tests: tuple[_Test, ...] = ()

    def matches(self, lead: AnyLead, now: datetime) -> bool:
        """Whether all terms hold for a lead."""
        return all(test(lead, now) for test in self.tests)


def parse(text: str) -> Query:
    """Read a filter; BadFilter says what could not be read, where, and what was meant perhaps."""
    return Query(text, tuple(_term(word, position) for word, position in _words(text)))


def _words(text: str) -> list[tuple[str, int]]:
    """Split at blanks outside quotes, each word with its position."""
    words = []
    for match in re.finditer(r'(?:[^\s"]|"[^"]*"?)+', text):
        word = match[0].replace('"', "")
        if word:
            words.append((word, match.start()))
    return words


def _term(word: str, position: int) -> _Test:
    negated = word.startswith("-")
    body = word[1:] if negated else word
    match = re.match(r"([a-z_]+)(:|[<>]=?)(.*)", body, re.IGNORECASE | re.DOTALL)
    test = _field(match[1].lower(), match[2], match[3], position) if match else _anywhere(body)
    if test is _everything or not negated:
        return test
    return lambda lead, now: not test(lead, now)


def _everything(_lead: AnyLead, _now: datetime) -> bool:
    """Hold for every lead: a term that is still being typed hides nothing, negated or not."""
    return True


def haystack(lead: AnyLead) -> str:
    """Return all that a plain word is looked for in, casefolded."""
    parts = (lead.name, lead.company, lead.title, lead.email, lead.source, lead.lead_id, lead.city)
    return " ".join(parts).casefold()


def _anywhere(word: str) -> _Test:
    if not word:
        return _everything
    wanted = word.casefold()
    return lambda lead, _now: wanted in haystack(lead)


def _field(name: str, op: str, value: str, position: int) -> _Test:
    values = [part.strip().casefold() for part in value.split(",") if part.strip()]
    if name not in FIELD_NAMES:
        near = difflib.get_close_matches(name, FIELD_NAMES, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(FIELD_NAMES)}."
        raise BadFilter(f"There is no field “{name}”.", position=position, hint=hint)
    if not values:
        return _everything
    if name == "age":
        return _age(op, values[0], position)
    if name in NUMBER_FIELDS:
        return _number(name, op, values, position)
    if op != ":":
        raise BadFilter(f"“{name}” is not a number.", position=position, hint=f"Write {name}:{values[0]}.")
    if name == "sla":
        return lambda lead, now: sla_state(lead, now).value in values
    if name in EXACT_FIELDS:
        exact = EXACT_FIELDS[name]
        return lambda lead, _now: any(found.casefold() in values for found in exact(lead))
    read = TEXT_FIELDS[name]
    return lambda lead, _now: any(part in read(lead).casefold() for part in values)


def _number(name: str, op: str, values: list[str], position: int) -> _Test:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        raise BadFilter(
            f"“{','.join(values)}” is not a number.", position=position, hint=f"Write {name}>50."
        ) from None
    read = NUMBER_FIELDS[name]
    if op == ":":
        return lambda lead, _now: read(lead) in numbers
    return lambda lead, _now: (found := read(lead)) is not None and _compare(found, op, numbers[0])


def _age(op: str, value: str, position: int) -> _Test:
    match = re.fullmatch(r"(\d{1,4})([mhdw])", value)
    if not match:
        raise BadFilter(f"“{value}” is not a span.", position=position, hint="Write age>1d, age<4h.")
    span = int(match[1]) * _SPANS[match[2]]
    if op == ":":
        op = ">="
    return lambda lead, now: (found := age(lead, now)) is not None and _compare(found, op, span)


def _compare(found: _Ordered, op: str, wanted: _Ordered) -> bool:
    if op == ">":
        return found > wanted
    if op == "<":
        return found < wanted
    return found >= wanted if op == ">=" else found <= wanted
