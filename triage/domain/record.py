"""What a CRM says of a lead beside what decides: every field of it under a name. Pure, raw text.

Both front ends print this list, so that neither leaves out what the other tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from triage.domain.lead import Lead
from triage.domain.score import Score
from triage.domain.touch import Campaign

Told = tuple[str, tuple[str, ...]]
"""A label of nine characters at most, and what is said under it."""


def on_record(lead: Lead) -> tuple[Told, ...]:
    """Return what is known, by label; what the CRM did not say is left out."""
    told = ((label, tuple(part for part in parts if part.strip())) for label, parts in _all(lead))
    return tuple((label, parts) for label, parts in told if parts)


def _all(lead: Lead) -> Iterator[tuple[str, list[str]]]:
    yield "name", [lead.name]
    yield "title", [lead.title]
    yield "company", [lead.company, lead.industry, _people(lead.employees)]
    yield "e-mail", [lead.email]
    yield "phone", [lead.phone]
    yield "place", [lead.city, lead.country, lead.time_zone]
    yield "language", [lead.language]
    yield "profile", [lead.profile_url]
    yield "website", [lead.website]
    yield "source", [lead.source]
    yield "campaign", _campaign(lead.campaign)
    yield "MQL by", [lead.mql.by.replace("_", " "), lead.mql.detail] if lead.mql else []
    yield "scored", _score(lead.score)
    yield "facts", [f"{name} {_fact(value)}" for name, value in lead.facts.items()]
    yield "account", [lead.account.name, lead.account.account_id]
    yield "owner", [lead.owner.name, lead.owner.user_id]
    yield "created", [_moment(lead.created_at)]
    yield "event", [_moment(lead.event_at)]
    yield "assigned", [_moment(lead.assigned_at)]
    yield "contacted", [_contacted(lead), _attempts(lead.attempts)]
    yield "touched", [_moment(lead.last_touch_at)]
    yield "due", [_moment(lead.sla_due_at), lead.sla_rule]
    yield "asleep to", [_moment(lead.snoozed_until)]
    yield "decided", [lead.last_decision_id or ""]
    yield "lead", [lead.lead_id, lead.status.value, f"version {lead.version}" if lead.version else ""]
    yield "fetched", [_moment(lead.fetched_at)]


def _people(count: int | None) -> str:
    return "" if count is None else f"{count:,} people"


def _attempts(count: int | None) -> str:
    return "" if count is None else f"{count:,} attempt{'' if count == 1 else 's'}"


def _contacted(lead: Lead) -> str:
    return _moment(lead.contacted_at) or ("not yet" if lead.contact_known else "the CRM cannot tell")


def _campaign(campaign: Campaign | None) -> list[str]:
    if campaign is None:
        return []
    label = campaign.label if campaign.label != campaign.name else ""
    return [campaign.name, label, f"owner {campaign.owner}" if campaign.owner else ""]


def _score(score: Score | None) -> list[str]:
    """Return what a sum does not show: when, by what, in which band, and which parts share a cap."""
    if score is None:
        return []
    groups = dict.fromkeys(part.group for part in score.contributions if part.group)
    graded = (("band", score.band), ("fit", score.fit_grade), ("engagement", score.engagement_grade))
    return [
        _moment(score.scored_at),
        f"model {score.model_version}" if score.model_version else "",
        *(f"{name} {value}" for name, value in graded if value),
        *(f"group {name}" for name in groups),
    ]


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone():%-d %b %Y %H:%M}" if moment is not None else ""
