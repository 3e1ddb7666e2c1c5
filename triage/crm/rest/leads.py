"""From the contract's JSON to leads. What cannot be read is counted, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Raw

from triage.crm.fields import Fields
from triage.crm.limits import decode
from triage.crm.rest.lead_pages import lead_at_once
from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.lead import Fact, Lead, LeadId, LeadStatus, Mql, Owner, Recycle
from triage.domain.score import Contribution, Dimension, Direction, Reasons, Score
from triage.domain.touch import Asset, Campaign, Nurture, Touch

_Word = TypeVar("_Word", LeadStatus, Dimension, Direction, Reasons)


def read_leads(values: Sequence[Any], fetched_at: datetime) -> tuple[tuple[Lead, ...], dict[str, int]]:
    """Return the leads that have an id, and how often which field could not be read.

    A value is a lead's JSON, or what was read of it. ValueError for JSON that is broken.
    """
    unread: Counter[str] = Counter()
    read = (_read(value, unread, fetched_at) for value in values)
    return tuple([lead for lead in read if lead is not None]), dict(unread)


def _read(value: Any, unread: Counter[str], fetched_at: datetime) -> Lead | None:
    if isinstance(value, Raw):
        lead = lead_at_once(value, fetched_at)
        if lead is not None:
            return lead
        value = decode(bytes(value))
    if isinstance(value, dict):
        fields = Fields(value, unread)
        lead_id = fields.id("lead_id")
        if lead_id is not None:
            return _lead(lead_id, fields, fetched_at)
    unread["lead"] += 1
    return None


def read_owner(fields: Fields | None) -> Owner:
    """Return the owner; one with an empty id where there is none."""
    return Owner(fields.text("user_id"), fields.text("name")) if fields else Owner("")


def _lead(lead_id: str, fields: Fields, fetched_at: datetime) -> Lead:
    contacted_at = fields.time("contacted_at")
    # A contact that is given but cannot be read: "not contacted" would be a guess.
    contact_lost = contacted_at is None and fields.has("contacted_at")
    return Lead(
        lead_id=LeadId(lead_id),
        version=fields.text("version"),
        status=_word(fields, "status", LeadStatus) or LeadStatus.UNKNOWN,
        owner=read_owner(fields.child("owner")),
        name=fields.text("name"),
        title=fields.text("title"),
        company=fields.text("company"),
        email=fields.text("email"),
        phone=fields.text("phone"),
        country=fields.text("country"),
        city=fields.text("city"),
        time_zone=fields.text("time_zone"),
        profile_url=fields.text("profile_url"),
        website=fields.text("website"),
        industry=fields.text("industry"),
        employees=fields.whole("employees"),
        language=fields.text("language"),
        source=fields.text("source"),
        campaign=_campaign(fields.child("campaign")),
        created_at=fields.time("created_at"),
        event_at=fields.time("event_at"),
        assigned_at=fields.time("assigned_at"),
        contacted_at=contacted_at,
        contact_known=fields.flag("contact_known", default=True) and not contact_lost,
        attempts=fields.whole("attempts"),
        last_touch_at=fields.time("last_touch_at"),
        sla_due_at=fields.time("sla_due_at"),
        sla_rule=fields.text("sla_rule"),
        mql=_mql(fields.child("mql")),
        score=_score(fields.child("score")),
        facts=_facts(fields.child("facts")),
        touches=tuple(_touch(touch) for touch in fields.children("touches")),
        moment=fields.text("moment"),
        nurture=_nurture(fields.child("nurture")),
        asset=_asset(fields.child("asset")),
        account=_account(fields.child("account")),
        recycles=tuple(_recycle(recycle) for recycle in fields.children("recycles")),
        snoozed_until=fields.time("snoozed_until"),
        last_decision_id=fields.id("last_decision_id"),
        fetched_at=fetched_at,
    )


def _word(fields: Fields, name: str, words: type[_Word]) -> _Word | None:
    text = fields.optional_text(name)
    if text is None:
        return None
    try:
        return words(text)
    except ValueError:
        fields.count(name)
        return None


def _campaign(fields: Fields | None) -> Campaign | None:
    if fields is None:
        return None
    return Campaign(
        fields.text("name"),
        label=fields.text("label"),
        promise=fields.text("promise"),
        owner=fields.text("owner"),
    )


def _mql(fields: Fields | None) -> Mql | None:
    return Mql(fields.text("by"), fields.text("detail")) if fields else None


def _score(fields: Fields | None) -> Score | None:
    """Return the score as the CRM said it; None without a number, because zero would be a guess."""
    if fields is None:
        return None
    score = fields.number("score")
    if score is None:
        return None
    return Score(
        score=score,
        base_points=fields.number("base_points") or 0.0,
        contributions=tuple(_contribution(part) for part in fields.children("contributions")),
        other=fields.number("other") or 0.0,
        fit=fields.number("fit"),
        engagement=fields.number("engagement"),
        fit_grade=fields.text("fit_grade"),
        engagement_grade=fields.text("engagement_grade"),
        band=fields.text("band"),
        trend=fields.number("trend"),
        model_version=fields.text("model_version"),
        scored_at=fields.time("scored_at"),
        reasons=_word(fields, "reasons", Reasons) or _unsaid(fields),
    )


def _unsaid(fields: Fields) -> Reasons:
    """Return what reasons are where no word that we know says it: nothing is added up by a word unknown."""
    return Reasons.NONE if fields.has("reasons") else Reasons.WEIGHTS


def _contribution(fields: Fields) -> Contribution:
    return Contribution(
        label=fields.text("label"),
        dimension=_word(fields, "dimension", Dimension),
        points_earned=fields.number("points_earned") or 0.0,
        points_applied=fields.number("points_applied") or 0.0,
        evidence=fields.text("evidence"),
        occurred_at=fields.time("occurred_at"),
        group=fields.optional_text("group"),
        points_after_decay=fields.number("points_after_decay"),
        direction=_word(fields, "direction", Direction),
    )


def _facts(fields: Fields | None) -> dict[str, Fact]:
    if fields is None:
        return {}
    facts: dict[str, Fact] = {}
    for name, value in fields.entries():
        if isinstance(value, bool):
            facts[name] = value
        elif isinstance(value, str):
            facts[name] = fields.optional_text(name)
        elif isinstance(value, int):
            facts[name] = fields.whole(name)
        else:
            facts[name] = fields.number(name)
    return {name: fact for name, fact in facts.items() if fact is not None}


def _touch(fields: Fields) -> Touch:
    return Touch(
        touch_id=fields.text("touch_id"),
        at=fields.time("at"),
        kind=fields.text("kind"),
        channel=fields.text("channel"),
        campaign=fields.text("campaign"),
        asset=fields.text("asset"),
        stage=fields.text("stage"),
        summary=fields.text("summary"),
        roles=fields.texts("roles"),
    )


def _nurture(fields: Fields | None) -> Nurture | None:
    if fields is None:
        return None
    return Nurture(
        programme=fields.text("programme"),
        step=fields.whole("step"),
        steps=fields.whole("steps"),
        next_mail=fields.text("next_mail"),
        next_mail_at=fields.time("next_mail_at"),
    )


def _asset(fields: Fields | None) -> Asset | None:
    if fields is None:
        return None
    return Asset(
        title=fields.text("title"),
        kind=fields.text("kind"),
        pitch=fields.text("pitch"),
        questions=fields.texts("questions"),
        template=fields.text("template"),
    )


def _account(fields: Fields | None) -> Account:
    if fields is None:
        return Account()
    siblings = fields.children("siblings")
    return Account(
        account_id=fields.text("account_id"),
        name=fields.text("name"),
        customer=fields.flag("customer"),
        open_opportunity=fields.optional_text("open_opportunity"),
        siblings=tuple(Sibling(sibling.text("lead_id"), sibling.text("name")) for sibling in siblings),
        duplicate_of=_duplicate(fields.child("duplicate_of")),
        do_not_contact=fields.flag("do_not_contact"),
    )


def _duplicate(fields: Fields | None) -> DuplicateMatch | None:
    if fields is None:
        return None
    return DuplicateMatch(
        lead_id=fields.text("lead_id"),
        name=fields.text("name"),
        match=fields.text("match"),
        confidence=fields.number("confidence"),
    )


def _recycle(fields: Fields) -> Recycle:
    return Recycle(
        at=fields.time("at"),
        reason=fields.text("reason"),
        by=fields.text("by"),
        wake_at=fields.time("wake_at"),
        new_since=fields.texts("new_since"),
    )
