"""What marketing did with a contact, from the properties that HubSpot keeps of it. Pure; nothing is guessed.

The last mail, form and visit are told, not all of them: a portal's own timeline needs Enterprise, and leaves
the mails out. What the two drill-downs of a source hold differs by source: HubSpot has a page on that.

Not confirmed against a live account: that workflows cannot be read per contact, whether a converting campaign
is a name or an id (an id is left out), and the internal names of the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from triage.crm.dialect import Dialect
from triage.crm.hubspot import names
from triage.crm.hubspot.values import Values
from triage.domain.lead import Mql, Recycle
from triage.domain.touch import Campaign, Nurture, Touch

ENTERED_MQL = "hs_v2_date_entered_marketingqualifiedlead"
CAME_BY = (
    *("hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2"),
    *("hs_latest_source", "hs_latest_source_data_1", "hs_latest_source_data_2"),
    *("hs_analytics_first_touch_converting_campaign", "hs_analytics_last_touch_converting_campaign"),
)
"""What source and campaign are told by."""
PROPERTIES = (
    *CAME_BY,
    *("hs_latest_source_timestamp", "hs_analytics_first_url", "hs_analytics_last_url"),
    *("first_conversion_event_name", "first_conversion_date"),
    *("recent_conversion_event_name", "recent_conversion_date", "num_conversion_events"),
    *("hs_analytics_num_page_views", "hs_analytics_num_visits", "hs_analytics_last_visit_timestamp"),
    *("hs_email_open", "hs_email_click", "hs_email_last_email_name"),
    *("hs_email_last_open_date", "hs_email_last_click_date"),
    *("hs_sequences_is_enrolled", "hs_latest_sequence_enrolled", "hs_latest_sequence_enrolled_date"),
    ENTERED_MQL,
)
SEQUENCE = "hs_latest_sequence_enrolled"
_CONVERSION = "form"
_CAMPAIGN = "campaign"
_DRILL_DOWNS = {
    "ORGANIC_SEARCH": ("search term", "search engine"),
    "PAID_SEARCH": (_CAMPAIGN, "keyword"),
    "EMAIL_MARKETING": (_CAMPAIGN, "mail"),
    "SOCIAL_MEDIA": ("site", _CAMPAIGN),
    "PAID_SOCIAL": ("site", _CAMPAIGN),
    "REFERRALS": ("from", "page"),
    "OTHER_CAMPAIGNS": (_CAMPAIGN, "medium"),
}
"""What the two drill-downs of a source hold; of another source they are told without a name."""
_NOT_SAID = re.compile(r"unknown keywords?( \(ssl\))?", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def source_of(values: Values) -> str:
    """Return where a contact first came from, in words: PAID_SEARCH is "paid search"."""
    return values.text("hs_analytics_source").replace("_", " ").casefold()


def campaign_of(values: Values, dialect: Dialect) -> Campaign | None:
    """Return the campaign that came last, else the first; the profile's field goes before."""
    own = dialect.fields.get("utm_campaign", "")
    said = (
        values.text(own) if own else "",
        _converting(values, "last"),
        dict(_drilled(values, "hs_latest_source")).get(_CAMPAIGN, ""),
        _converting(values, "first"),
        dict(_drilled(values, "hs_analytics_source")).get(_CAMPAIGN, ""),
    )
    named = next(filter(None, said), "")
    return Campaign(named) if named else None


def _converting(values: Values, which: str) -> str:
    named = values.text(f"hs_analytics_{which}_touch_converting_campaign")
    return "" if _ID.fullmatch(named.strip()) else named


def _drilled(values: Values, source: str) -> Iterator[tuple[str, str]]:
    """Yield what the drill-downs of a source say, each with what it is; an empty text where nobody knows."""
    known = _DRILL_DOWNS.get(values.text(source), ("", ""))
    for number, what in enumerate(known, 1):
        said = values.text(f"{source}_data_{number}")
        if said and not _NOT_SAID.fullmatch(said.strip()):
            yield what, said


def mql_of(values: Values, dialect: Dialect) -> Mql | None:
    """Return that it became an MQL; what by is the profile's to say: HubSpot keeps only the moment."""
    if not values.has(ENTERED_MQL):
        return None
    raised = dialect.fields.get("hand_raise", "")
    if raised and values.flag(raised):
        return Mql("hand_raise", values.text("recent_conversion_event_name"))
    return Mql("lifecycle_stage", "entered marketing qualified lead")


def touches_of(values: Values) -> tuple[Touch, ...]:
    """Return what is known of a contact's way, the oldest first; what has no moment comes before."""
    known = sorted(_touches(values), key=lambda touch: touch.at.timestamp() if touch.at else 0.0)
    if not known or known[-1].at is None:
        return tuple(known)
    return (*known[:-1], replace(known[-1], roles=(*known[-1].roles, "last")))


def _touches(values: Values) -> Iterator[Touch]:
    if values.has("hs_analytics_source"):
        yield _first(values)
    yield from _conversions(values)
    seen = values.whole("hs_analytics_num_page_views")
    visited = values.time("hs_analytics_last_visit_timestamp")
    if seen and visited:
        visits = values.whole("hs_analytics_num_visits")
        summary = _counted(seen, "page view") + (f" in {_counted(visits, 'visit')}" if visits else "")
        yield Touch("visits", visited, "visit", "website", summary=summary)
    yield from _mails(values)


def _first(values: Values) -> Touch:
    said = (f"{what} {text}".strip() for what, text in _drilled(values, "hs_analytics_source"))
    return Touch(
        touch_id="first",
        at=None,
        kind="first touch",
        channel=source_of(values),
        campaign=_converting(values, "first"),
        asset=values.text("hs_analytics_first_url"),
        summary=", ".join(said),
        roles=("first",),
    )


def _conversions(values: Values) -> Iterator[Touch]:
    first, recent = (_conversion(values, name) for name in ("first", "recent"))
    if first is not None:
        yield first
    if recent is not None and (first is None or (recent.at, recent.asset) != (first.at, first.asset)):
        yield recent


def _conversion(values: Values, which: str) -> Touch | None:
    asset = values.text(f"{which}_conversion_event_name")
    if not asset:
        return None
    touch = "last" if which == "recent" else which
    return Touch(
        touch_id=f"{which}-conversion",
        at=values.time(f"{which}_conversion_date"),
        kind=_CONVERSION,
        channel="website",
        campaign=_converting(values, touch),
        asset=asset,
        summary=f"submitted {asset}",
    )


def _mails(values: Values) -> Iterator[Touch]:
    mail = values.text("hs_email_last_email_name")
    for verb, name in (("opened", "open"), ("clicked", "click")):
        at, times = values.time(f"hs_email_last_{name}_date"), values.whole(f"hs_email_{name}")
        if at is not None:
            counted = f", {times:,} in all" if times else ""
            yield Touch(f"mail-{name}", at, f"mail {verb}", "e-mail", asset=mail, summary=f"{verb}{counted}")


def moment_of(values: Values) -> str:
    """Return the one sentence worth saying: what was asked for last."""
    asset = values.text("recent_conversion_event_name")
    return f"Submitted {asset}." if asset else ""


def is_enrolled(values: Values) -> bool:
    """Whether a contact is in a sequence now."""
    return values.flag("hs_sequences_is_enrolled") is True


def nurture_of(values: Values, sequence: str, lists: str = "") -> Nurture | None:
    """Return the sequence a contact is in now, its number where its name is not told; else its lists."""
    if not is_enrolled(values):
        return Nurture(lists) if lists else None
    return Nurture(sequence or f"sequence {values.text(SEQUENCE)}".strip())


def recycles_of(values: Values, now_waiting: bool) -> tuple[Recycle, ...]:  # noqa: FBT001 - reads as a sentence
    """Return that triage sent the contact back to nurture before, if a lead of it waits again."""
    at = values.time(names.DECIDED_AT)
    if not now_waiting or values.text(names.OUTCOME) != "recycled":
        return ()
    return (
        Recycle(
            at=at,
            reason=values.text(names.REASON),
            by=values.text(names.BY),
            wake_at=values.time(names.WAKE_AT),
            new_since=tuple(touch.summary for touch in _conversions(values) if _is_after(touch.at, at)),
        ),
    )


def _is_after(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and other is not None and moment > other


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("s" if number != 1 else "")
