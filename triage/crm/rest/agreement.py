"""From the contract's JSON to what both teams agreed on, and to who and what the CRM is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from triage.crm.fields import Fields
from triage.crm.port import Capabilities
from triage.crm.rest.leads import read_owner
from triage.domain.act import Act
from triage.domain.definition import Calendar, Criterion, Definition, SlaRule
from triage.domain.people import Person, Rep
from triage.domain.reasons import Reason, ReasonBook
from triage.domain.review import BandStatistics, SourceStatistics

_REASONS = ("weights", "order", "none")


def read_rep(body: dict[str, Any]) -> Rep:
    """Return who is signed in."""
    fields = Fields(body, Counter())
    return Rep(
        user_id=fields.text("user_id"),
        name=fields.text("name"),
        role=fields.text("role") or "rep",
        account_id=fields.text("account_id"),
        account_name=fields.text("account_name"),
        time_zone=fields.text("time_zone"),
    )


def read_capabilities(body: dict[str, Any]) -> Capabilities:
    """Return what the CRM gives; what it does not mention it does not give."""
    fields = Fields(body, Counter())
    reasons = fields.text("reasons")
    return Capabilities(
        name=fields.text("name") or "CRM",
        batch=max(1, fields.whole("batch") or 1),
        reasons=reasons if reasons in _REASONS else "none",
        timeline=fields.flag("timeline"),
        replies=fields.flag("replies"),
        conditional_write=fields.flag("conditional_write"),
        idempotency=fields.flag("idempotency"),
        people=fields.flag("people"),
        statistics=fields.flag("statistics"),
    )


def read_definition(body: dict[str, Any]) -> Definition:
    """Return the definition; a line that names no fact is left out, for nothing could be compared."""
    fields = Fields(body, Counter())
    return Definition(
        version=fields.text("version"),
        criteria=tuple(_criteria(fields, "criteria")),
        sql_criteria=tuple(_criteria(fields, "sql_criteria")),
        agreed_at=fields.time("agreed_at"),
        agreed_by=fields.texts("agreed_by"),
        review_due=fields.time("review_due"),
        threshold=fields.number("threshold"),
        hand_raise=fields.texts("hand_raise"),
        targets=_targets(fields.child("targets")),
        sla=tuple(_rules(fields)),
        calendar=_calendar(fields.child("calendar")),
        owners=_owners(fields.child("owners")),
    )


def read_reasons(body: dict[str, Any]) -> ReasonBook:
    """Return the reason codes; those of an act we do not have are left out."""
    fields = Fields(body, Counter())
    read = (_reason(entry) for entry in fields.children("reasons"))
    return ReasonBook(fields.text("version"), tuple(reason for reason in read if reason is not None))


def read_people(body: dict[str, Any]) -> tuple[Person, ...]:
    """Return the users and queues that have an id."""
    return tuple(
        Person(user_id, entry.text("name"), entry.text("kind") or "user", entry.text("territory"))
        for entry in Fields(body, Counter()).children("items")
        if (user_id := entry.id("user_id")) is not None
    )


def read_statistics(body: dict[str, Any]) -> tuple[SourceStatistics, ...]:
    """Return the sources whose counts could all be read: a missing count is not zero."""
    read = (_source(entry) for entry in Fields(body, Counter()).children("items"))
    return tuple(source for source in read if source is not None)


def read_bands(body: dict[str, Any]) -> tuple[BandStatistics, ...]:
    """Return the score bands whose counts could all be read, in the same way."""
    read = (_band(entry) for entry in Fields(body, Counter()).children("items"))
    return tuple(band for band in read if band is not None)


def _criteria(fields: Fields, name: str) -> Iterator[Criterion]:
    for entry in fields.children(name):
        criterion_id, fact = entry.id("criterion_id"), entry.text("fact")
        if criterion_id is not None and fact:
            yield Criterion(
                criterion_id=criterion_id,
                label=entry.text("label"),
                fact=fact,
                op=entry.text("op"),
                value=entry.raw("value"),
                weight=entry.number("weight") or 0.0,
                dimension=entry.text("dimension"),
            )


def _targets(fields: Fields | None) -> dict[str, float]:
    if fields is None:
        return {}
    read = {name: fields.number(name) for name, _ in fields.entries()}
    return {name: target for name, target in read.items() if target is not None}


def _owners(fields: Fields | None) -> dict[str, str]:
    if fields is None:
        return {}
    named = {side: read_owner(fields.child(side)) for side, _ in fields.entries()}
    return {side: who.name or who.user_id for side, who in named.items() if who.user_id}


def _rules(fields: Fields) -> Iterator[SlaRule]:
    """Yield the SLA rules that give hours; a word that is off is refused when it is counted by."""
    for entry in fields.children("sla"):
        hours = entry.number("hours")
        if hours is not None:
            yield SlaRule(
                name=entry.text("name"),
                hours=hours,
                applies_to=entry.text("applies_to") or "all",
                counted_in=entry.text("counted_in") or "business",
            )


def _calendar(fields: Fields | None) -> Calendar | None:
    """Return the calendar as it was told; whether it can be counted by is for the counting to say."""
    if fields is None:
        return None
    hours = fields.child("hours")
    return Calendar(
        time_zone=fields.text("time_zone"),
        hours={day: hours.texts(day) for day, _ in hours.entries()} if hours is not None else {},
        holidays=tuple(_days(fields.texts("holidays"))),
    )


def _days(texts: Iterable[str]) -> Iterator[date]:
    for text in texts:
        with suppress(ValueError):
            yield date.fromisoformat(text)


def _reason(fields: Fields) -> Reason | None:
    code, act = fields.id("code"), fields.text("act")
    if code is None or act not in list(Act):
        return None
    return Reason(
        code=code,
        act=Act(act),
        label=fields.text("label"),
        hotkey=fields.text("hotkey"),
        kind=fields.text("kind"),
        requires=fields.optional_text("requires"),
        optional=fields.texts("optional"),
        counts_against_mql=fields.optional_text("counts_against_mql"),
        facts=fields.texts("facts"),
        routes_to=fields.text("routes_to"),
        default_wake_days=fields.whole("default_wake_days"),
        active=fields.flag("active", default=True),
        replaced_by=fields.optional_text("replaced_by"),
    )


def _source(fields: Fields) -> SourceStatistics | None:
    source, counts = fields.text("source"), _counts(fields)
    return SourceStatistics(source, *counts) if source and counts else None


def _band(fields: Fields) -> BandStatistics | None:
    band, counts = fields.text("band"), _counts(fields)
    return BandStatistics(band, *counts) if band and counts else None


def _counts(fields: Fields) -> tuple[int, int, int] | None:
    """Return the days, the accepted and the decided; None where one of them is missing."""
    days, accepted, decided = (fields.whole(name) for name in ("days", "accepted", "decided"))
    if days is None or accepted is None or decided is None:
        return None
    return days, accepted, decided
