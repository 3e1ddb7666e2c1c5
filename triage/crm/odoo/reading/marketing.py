"""How a lead came, by what Odoo keeps on it: source, medium, campaign, pages. Pure; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from triage.crm.odoo.reading.plain_text import text_of
from triage.crm.odoo.rows import Values
from triage.domain.touch import Campaign, Touch

FIELDS = ("campaign_id", "medium_id", "source_id", "referred", "visitor_page_count", "description")
_MOMENT = 300


def campaign_of(said: Values, own: str) -> Campaign | None:
    """Return the campaign; `own` is the profile's field for it."""
    named = (str(said.fact(own) or "") if own else "") or said.name("campaign_id")
    return Campaign(named) if named else None


def moment_of(said: Values) -> str:
    """Return what the lead wrote, shortened: Odoo's forms put it into the notes."""
    return " ".join(text_of(said.text("description")).split())[:_MOMENT]


def touches_of(said: Values, others: Iterable[Touch]) -> tuple[Touch, ...]:
    """Return the way of a lead, the oldest first; what has no moment comes before."""
    known = [*_came(said), *others]
    known.sort(key=lambda touch: touch.at.timestamp() if touch.at else 0.0)
    if known and known[-1].at is not None:
        known[-1] = replace(known[-1], roles=(*known[-1].roles, "last"))
    return tuple(known)


def _came(said: Values) -> Iterable[Touch]:
    source, medium, referred = said.name("source_id"), said.name("medium_id"), said.text("referred")
    if source or medium or referred or said.id("campaign_id"):
        yield Touch(
            touch_id="came",
            at=said.time("create_date"),
            kind="lead created",
            channel=medium or source,
            campaign=said.name("campaign_id"),
            summary=", ".join(
                filter(None, (source and f"from {source}", referred and f"referred by {referred}"))
            ),
            roles=("creating",),
        )
    pages = said.whole("visitor_page_count")
    if pages:
        counted = f"{pages:,} page views" if pages != 1 else "1 page view"
        yield Touch("visits", None, "visit", "website", summary=counted)
