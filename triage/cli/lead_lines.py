"""A lead as `show` tells it to a person: the sections of the brief, then everything on record. Raw text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from triage.cli.account_lines import account_lines, asset_lines
from triage.cli.clock_lines import clock_lines, recycle_lines
from triage.cli.score_lines import score_lines
from triage.domain.clocks import spoken
from triage.domain.definition import Definition, Result, TracedCriterion
from triage.domain.inbox import Entry
from triage.domain.lead import Lead
from triage.domain.provided import Provided
from triage.domain.record import on_record
from triage.domain.review import SourceStatistics
from triage.domain.share import accepted_in_words
from triage.domain.touch import Nurture, Touch

MARKS = {Result.PASS: "✓", Result.FAIL: "✗", Result.UNKNOWN: "?"}
_LABEL = 10


def lead_lines(
    entry: Entry,
    definition: Definition,
    provided: Provided,
    here: Mapping[str, bool],
    now: datetime,
    rep: str,
    statistics: SourceStatistics | None = None,
) -> list[str]:
    """Return all there is to say of a lead, a fact a line, the sections with a blank line between them.

    `statistics` are those of its source.
    """
    lead = entry.lead
    sections = (
        [*_head(entry), *clock_lines(entry, definition, now), *_reach(lead)],
        score_lines(entry, provided),
        [*_agreed(definition), *_criteria(definition, lead)],
        [*account_lines(lead, here), *recycle_lines(lead)],
        list(_marketing(lead, provided, statistics)),
        asset_lines(lead, rep),
        list(_touches(lead, now)),
        ["on record", *(f"  {label:<{_LABEL}}{' · '.join(parts)}" for label, parts in on_record(lead))],
    )
    lines: list[str] = []
    for section in filter(None, sections):
        lines += [""] if lines else []
        lines += section
    return lines


def _head(entry: Entry) -> list[str]:
    lead = entry.lead
    away = " (no longer on your list)" if entry.gone else ""
    who = " · ".join(part for part in (lead.name, lead.title, lead.company) if part)
    parts = (lead.status.value, f"owner {lead.owner.name or lead.owner.user_id}{away}", " ".join(lead.badges))
    return [f"{who or lead.email} ({lead.lead_id})", " · ".join(part for part in parts if part)]


def _reach(lead: Lead) -> list[str]:
    place = ", ".join(part for part in (lead.city, lead.country) if part)
    parts = (lead.email or "no e-mail", lead.phone or "no phone", place, lead.profile_url)
    moment = [f"moment    {lead.moment}"] if lead.moment else []
    return [f"reach     {' · '.join(part for part in parts if part)}", *moment]


def _agreed(definition: Definition) -> list[str]:
    when = f"agreed {definition.agreed_at.astimezone():%d %b %Y}" if definition.agreed_at else ""
    by = f"by {', '.join(definition.agreed_by)}" if definition.agreed_by else ""
    due = f"review due {definition.review_due.astimezone():%d %b %Y}" if definition.review_due else ""
    about = ", ".join(part for part in (" ".join(part for part in (when, by) if part), due) if part)
    return [f"MQL definition v{definition.version}", *([f"  {about}"] if about else [])]


def _criteria(definition: Definition, lead: Lead) -> list[str]:
    return [
        f"  {MARKS[one.result]} {one.criterion.label}{_found(one, lead)}"
        for one in definition.trace(lead.facts)
    ]


def _found(one: TracedCriterion, lead: Lead) -> str:
    """Return what the lead is instead, of a line that does not pass."""
    fact = lead.facts.get(one.criterion.fact)
    told = one.result is not Result.PASS and fact is not None and not isinstance(fact, bool)
    return f" (is {fact})" if told else ""


def _marketing(lead: Lead, provided: Provided, found: SourceStatistics | None) -> Iterator[str]:
    campaign = lead.campaign
    yield f"campaign  {campaign.words if campaign else '–'}"
    if campaign and campaign.promise:
        yield f"promise   {campaign.promise}"
    if lead.source:
        fared = accepted_in_words(found) if found is not None and found.decided else ""
        yield f"source    {lead.source}{f', {fared}' if fared else ''}"
    tipping = lead.touch("tipping")
    if tipping is not None:
        yield f"tipped by {_words(tipping)}"
    lacking = "none" if provided.timeline else provided.lacking
    yield f"nurture   {_nurture(lead.nurture) if lead.nurture else lacking}"
    if not lead.touches:
        yield f"touches   {lacking}"


def _nurture(nurture: Nurture) -> str:
    step = f" {nurture.step}/{nurture.steps}" if nurture.step is not None and nurture.steps else ""
    when = f"{nurture.next_mail_at.astimezone():%d %b %H:%M} " if nurture.next_mail_at else ""
    return f"{nurture.programme}{step}" + (f", next {when}“{nurture.next_mail}”" if nurture.next_mail else "")


def _touches(lead: Lead, now: datetime) -> Iterator[str]:
    """Yield the touches, the latest first: what it was; below it where, of which campaign, and its part."""
    if lead.touches:
        yield "touches, the latest first"
    for touch in reversed(lead.touches):
        ago = f"{spoken(now - touch.at)} ago" if touch.at else ""
        yield f"  {ago:<{_LABEL}}{'◆' if touch.roles else '·'} {_words(touch)}"
        if about := _about(lead, touch):
            yield f"  {'':<{_LABEL}}  {about}"


def _words(touch: Touch) -> str:
    return touch.summary or touch.asset or touch.campaign or touch.kind


def _about(lead: Lead, touch: Touch) -> str:
    campaign = lead.campaign
    words = campaign.words if campaign is not None and touch.campaign == campaign.name else touch.campaign
    stage = f"{touch.stage} stage" if touch.stage else ""
    roles = f"[{', '.join(touch.roles)}]" if touch.roles else ""
    parts = (touch.kind.replace("_", " "), touch.channel, words, touch.asset, stage, roles)
    said = _words(touch)
    return " · ".join(dict.fromkeys(part for part in parts if part.strip() and part not in said))
