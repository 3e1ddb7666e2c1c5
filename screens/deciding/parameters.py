"""Asking for a parameter of a reason, where the app cannot know it, and showing it where it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from screens.asking.pick import Pick, narrowing
from screens.asking.questions import Choose, Option, Question, Type
from screens.cells import say
from screens.rules.book import Rulebook
from screens.words import day, points, signed
from triage.domain.act import Act
from triage.domain.dates import short_date, short_moment
from triage.domain.definition import Definition, Result
from triage.domain.guard import NEVER_BLOCKS
from triage.domain.lead import Lead
from triage.domain.outline import AnyLead
from triage.domain.parameters import DATES, NO_WAKE, fill
from triage.domain.payloads import CORRECTABLE
from triage.domain.people import Person, territory_owner
from triage.domain.reasons import Reason
from triage.errors import UsageError

PER_LEAD = frozenset({"lead_id", "account", "field", "attempts"})
"""What differs from lead to lead: never asked once for many."""
_DIGITS = "1234567890"
_A_DAY = timedelta(days=1)
_TIME_TO_ACT = timedelta(hours=1)
"""Left before the SLA ends, where a snooze says no end of its own."""
_ASKS = {
    "note": "asks for a note",
    "to": "asks whom",
    "lead_id": "asks which lead",
    "field": "asks which",
    "competitor": "asks which",
    "feature": "asks which",
    "until": "asks until when",
    "criterion": "asks which line",
    "contribution": "asks which activity",
}
_ASKED_AS = {
    "note": "What is it? (a note)",
    "competitor": "Which competitor?",
    "feature": "Which feature is missing?",
    "account": "Which account?",
    "attempts": "How many attempts were made?",
    "until": "Until when?",
    "ends": "When does the contract end?",
    "wake": "When is it to come back? (none: not by itself)",
    "signal": "Which signal is to bring it back?",
}


def known_params(
    reason: Reason, act: Act, leads: Sequence[Lead], book: Rulebook, today: date
) -> tuple[dict[str, str], ...]:
    """Return what can be filled in on each lead."""
    return tuple(
        fill(lead, act, reason, {}, definition=book.definition, people=book.people, today=today).params
        for lead in leads
    )


def must_ask(reason: Reason, known: Sequence[Mapping[str, str]]) -> bool:
    """Whether the reason's parameter has to be asked for: unknown on a lead, and the same for all."""
    needed = reason.requires
    if needed is None or needed in NEVER_BLOCKS or all(needed in params for params in known):
        return False
    return len(known) == 1 or needed not in PER_LEAD


def filled_words(reason: Reason, act: Act, leads: Sequence[Lead], book: Rulebook, today: date) -> str:
    """Return what would be filled in, in words: "→ 50 employees or more", or what will be asked."""
    needed = reason.requires or ("wake" if act is Act.RECYCLE else None)
    if needed is None:
        return ""
    values = [params.get(needed, "") for params in known_params(reason, act, leads, book, today)]
    found = [value for value in values if value]
    if not found:
        return "" if needed in NEVER_BLOCKS else _ASKS.get(needed, f"asks for {needed}")
    if len(values) > 1 and len(set(found)) > 1:
        return f"→ {len(found)} filled in"
    missing = f" ({len(found)} of {len(values)})" if len(found) < len(values) else ""
    sign = "? " if needed == "criterion" and _is_unknown(found[0], leads, book) else ""
    return f"→ {sign}{value_words(needed, found[0], book)}{missing}"


def _is_unknown(criterion_id: str, leads: Sequence[Lead], book: Rulebook) -> bool:
    """Whether a line is one of which the CRM cannot tell, on each of these leads."""
    return all(
        one.result is Result.UNKNOWN
        for lead in leads
        for one in book.definition.trace(lead.facts)
        if one.criterion.criterion_id == criterion_id
    )


def value_words(name: str, value: str, book: Rulebook) -> str:
    """Return a parameter's value as a person reads it."""
    if name == "criterion":
        criteria = book.definition.criteria
        return say(next((one.label for one in criteria if one.criterion_id == value), value))
    if name == "to":
        return say(book.person(value))
    if name in DATES and value != NO_WAKE:
        try:
            return f"{date.fromisoformat(value):%-d %b %Y}"
        except ValueError:
            return say(value)
    return say(f"{value} attempts" if name == "attempts" else value)


class Asked(Struct, frozen=True):
    """A parameter to ask for: what is known of it, and whether it may stay empty."""

    name: str
    known: str = ""
    optional: bool = False
    typed: str | None = None
    """What the rep typed before a write failed."""


def question_for(asked: Asked, title: str, leads: Sequence[Lead], book: Rulebook, today: date) -> Question:
    """Return the question that asks for a parameter; what is known already stands in it."""
    name, known, optional = asked.name, asked.known, asked.optional
    if name == "criterion" and book.definition.criteria:
        return Choose(f"{title}: which line fails?", criteria_options(book.definition, leads))
    if name == "contribution" and len(leads) == 1 and leads[0].score and leads[0].score.contributions:
        return Choose(f"{title}: which activity?", contribution_options(leads[0]))
    if name == "field":
        return Choose(f"{title}: which field?", field_options(leads))
    if name == "to":
        return person_question(title, leads, book.people)
    return Type(
        f"{title}: {_ASKED_AS.get(name, name)}",
        text=_stands(asked),
        hint=_hint(name, known, optional=optional),
        problem=lambda text: problem_with(name, text, today, empty=optional or bool(known)),
    )


def _stands(asked: Asked) -> str:
    """Return what stands in the field at first; a date that is known is offered by the hint."""
    if asked.typed is not None:
        return asked.typed
    return asked.known if asked.name not in DATES else ""


def _hint(name: str, known: str, *, optional: bool) -> str:
    if name in DATES:
        own = f"empty: {known} · " if known else ""
        return f"{own}3d 2w mon 15jan q1"
    return "empty: leave out" if optional else ""


def problem_with(name: str, text: str, today: date, *, empty: bool) -> str:
    """Return what is wrong with a parameter as typed, or an empty text."""
    if not text:
        return "" if empty else "It cannot be empty."
    if name == "attempts" and not text.isdecimal():
        return f"“{say(text)}” is not a number."
    if name in DATES and not (name == "wake" and text.lower() == NO_WAKE):
        try:
            short_date(text, today)
        except UsageError as error:
            return f"{error.message} {error.hint}"
    return ""


def snooze_problem(text: str, now: datetime) -> str:
    """Return what is wrong with a snooze's end as typed: a time of today or a date; or an empty text."""
    try:
        if text and short_moment(text, now) is not None:
            return ""
    except UsageError as error:
        return f"{error.message} {error.hint}"
    return problem_with("until", text, now.astimezone().date(), empty=True)


def snooze_end(leads: Sequence[AnyLead], now: datetime) -> tuple[str, str]:
    """Return until when leads sleep if nothing is typed, and the hint that says so.

    Tomorrow, or where the first SLA ends earlier: shortly before that, so that there is time to act.
    """
    ends = min((one.sla_due_at for one in leads if one.sla_due_at and one.sla_due_at > now), default=None)
    limit = f" · at most {day(ends, now)} (SLA)" if ends is not None else ""
    tomorrow = (now.astimezone() + _A_DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    if ends is None or tomorrow <= ends:
        return "tomorrow", f"empty: tomorrow · 2h 14:30 3d mon 15jan{limit}"
    wake = ends - min(_TIME_TO_ACT, (ends - now) / 2)
    return wake.isoformat(timespec="seconds"), f"empty: {day(wake, now)} · 30m 14:30{limit}"


def criteria_options(definition: Definition, leads: Sequence[Lead]) -> list[Option]:
    """Return the lines of the definition, each with its result on a single lead."""
    signs = {Result.PASS: "✓", Result.FAIL: "✗", Result.UNKNOWN: "?"}
    results = definition.trace(leads[0].facts) if len(leads) == 1 else ()
    return [
        Option(
            key,
            say(one.label),
            one.criterion_id,
            signs[results[index].result] if index < len(results) else "",
        )
        for index, (key, one) in enumerate(zip(_DIGITS, definition.criteria, strict=False))
    ]


def contribution_options(lead: Lead) -> list[Option]:
    """Return the contributions to a lead's score, the largest first."""
    parts = lead.score.by_weight() if lead.score else ()
    return [
        Option(key, say(part.label), part.label, signed(part.points_applied))
        for key, part in zip(_DIGITS, parts, strict=False)
    ]


def field_options(leads: Sequence[Lead]) -> list[Option]:
    """Return the fields that can be wrong, with what stands in them on a single lead."""
    lead = leads[0] if len(leads) == 1 else None
    return [
        Option(key, name, name, "" if lead is None else _current(lead, name))
        for key, name in zip(_DIGITS, CORRECTABLE, strict=False)
    ]


def _current(lead: Lead, name: str) -> str:
    value = getattr(lead, name, "")
    if value in ("", None):
        return "(empty)"
    return points(value) if isinstance(value, int | float) else say(value)


def person_question(title: str, leads: Sequence[Lead], people: Sequence[Person]) -> Pick:
    """Return the choice of a user or queue, the territory's owner first."""
    mine = {lead.owner.user_id for lead in leads}
    owner = territory_owner(leads[0], people) if leads else None
    options = [
        Option("", say(one.name or one.user_id), one.user_id, say(f"{one.kind} {one.territory}".strip()))
        for one in sorted(people, key=lambda one: one.user_id != owner)
        if one.user_id not in mine
    ]
    return Pick(title, narrowing(options), nothing="nobody is called that")
