"""Draws one believable lead: who they are, what they did, how they scored, what marketing has for them.

Everyone is invented; every address is on a reserved domain.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from triage.embedded import journeys, scoring, sla
from triage.embedded.agreement import THRESHOLD
from triage.embedded.campaigns import CAMPAIGNS, OWNERS, PROGRAMMES, Campaign
from triage.embedded.companies import CONSULTANT_TITLES, LEVEL_WEIGHTS, TITLES, Company, draw_company, slug
from triage.embedded.members import FIRST_REP
from triage.embedded.moments import to_wire
from triage.embedded.places import FAR, NEAR, Place

Lead = dict[str, Any]

_SHARE_OF_RAISED_HANDS = 0.1
_SHARE_NURTURED = 0.7
_MOST_EXTRA_STEPS = 10
_TWO_DIGIT_FICTION = {"US"}


class Part(Struct, frozen=True):
    """Which lead this is going to be: when it is due, and what it is cast as."""

    due_at: datetime
    consultant: bool = False
    student: bool = False
    far: bool = False
    size_unknown: bool = False
    delivered_at: datetime | None = None
    """When it went to sales, where that is not to follow from the deadline."""
    campaign: Campaign | None = None
    """Where it came from, where that is not to be drawn."""
    named_at: datetime | None = None
    """Of which quarter its campaign's name is, where that is not the first touch's."""
    threshold: int = THRESHOLD
    """The points that made an MQL then."""
    enough: int = THRESHOLD
    """The points at which its story ends."""
    barely: bool = False
    """Whether it ends there at once."""


class _Story(Struct, frozen=True):
    """How a lead became an MQL."""

    campaign: Campaign
    by: str
    touches: list[journeys.Touch]
    contributions: list[scoring.Contribution]
    assigned_at: datetime
    due_at: datetime
    named_at: datetime | None = None

    @property
    def event_at(self) -> datetime:
        return self.touches[-1].at

    @property
    def campaign_name(self) -> str:
        """The tracked name: the quarter of the first touch, then the campaign's own part."""
        at = self.named_at or self.touches[0].at
        return f"{at.year}Q{(at.month + 2) // 3}-{self.campaign.code}"


def draw(random_: random.Random, number: int, part: Part, now: datetime) -> Lead:
    """Return the lead of this number, assigned to the first rep."""
    place = random_.choice(FAR if part.far else NEAR)
    company = draw_company(random_, number, _industry(part))
    level, title = _job(random_, part)
    facts = _facts(company, place, level, part)
    story = _draw_story(random_, part, scoring.fit(facts, title), now)
    score = scoring.score(story.contributions, now, story.event_at, other=0)
    recent = [touch for touch in story.touches if now - touch.at <= timedelta(days=30)]
    lead_id = f"L-{number:06d}"
    return {
        "lead_id": lead_id,
        "owner_id": FIRST_REP,
        "status": "assigned",
        "version": str(random_.randint(2, 30)),
        "title": title,
        "employees": facts.get("employees"),
        "facts": facts | {"intent_actions_30d": sum(t.step.intent for t in recent), "opted_out": False},
        "score": score,
        "mql": {"by": story.by, "detail": _detail(story, int(score["score"]), part.threshold)},
        "nurture": _nurture(random_, now) if story.by == "threshold" else None,
        "account": _account(company),
        "recycles": [],
        "snoozed_until": None,
        **_identity(random_, number, place, company),
        **_times(story),
        **_marketing(story, lead_id),
    }


def _draw_story(random_: random.Random, part: Part, fit: list[scoring.Contribution], now: datetime) -> _Story:
    """Return a story that makes an MQL: enough points, or a raised hand where points do not suffice."""
    weights = [campaign.weight for campaign in CAMPAIGNS]
    campaign = part.campaign or random_.choices(CAMPAIGNS, weights)[0]
    raises_hand = campaign.source in {"demo-request", "referral"} or random_.random() < _SHARE_OF_RAISED_HANDS
    if not raises_hand:
        story = _tell_threshold(random_, part, campaign, fit, now)
        if story is not None:
            return story
    assigned_at = part.delivered_at or part.due_at - sla.RAISED_HAND
    if part.delivered_at is None and assigned_at >= now:
        assigned_at = now - timedelta(minutes=random_.randint(4, 75))
    event_at = assigned_at - timedelta(minutes=random_.randint(1, 20))
    steps = journeys.opening(campaign, hand_raise=True, student=part.student)
    touches = journeys.tell(random_, steps, campaign, event_at)
    contributions = fit + scoring.engagement(touches, now)
    due_at = assigned_at + sla.RAISED_HAND
    return _Story(campaign, "hand_raise", touches, contributions, assigned_at, due_at, part.named_at)


def _tell_threshold(
    random_: random.Random, part: Part, campaign: Campaign, fit: list[scoring.Contribution], now: datetime
) -> _Story | None:
    """Return a story with points enough, some with more; None where ten further steps are too few."""
    assigned_at = part.delivered_at or part.due_at - sla.ASSIGNMENT
    event_at = assigned_at - timedelta(minutes=random_.randint(2, 90))
    more = journeys.shuffled_steps(random_)
    surplus = 0 if part.barely else random_.choice((0, 0, 1, 2))
    for extra in range(_MOST_EXTRA_STEPS + 1):
        steps = journeys.opening(campaign, hand_raise=False, student=part.student)
        touches = journeys.tell(random_, journeys.longer(steps, more, extra), campaign, event_at)
        contributions = fit + scoring.engagement(touches, now)
        if scoring.total(contributions) >= part.enough:
            if surplus == 0:
                return _Story(
                    campaign,
                    "threshold",
                    touches,
                    contributions,
                    assigned_at,
                    assigned_at + sla.ASSIGNMENT,
                    part.named_at,
                )
            surplus -= 1
    return None


def _identity(random_: random.Random, number: int, place: Place, company: Company) -> Lead:
    given, family = random_.choice(place.given), random_.choice(place.family)
    digits = random_.randint(100, 199 if place.country in _TWO_DIGIT_FICTION else 999)
    return {
        "name": f"{given} {family}",
        "company": company.name,
        "email": f"{slug(given)}.{slug(family)}@{company.domain}",
        "phone": place.phone.format(digits),
        "country": place.country,
        "city": random_.choice(place.cities),
        "time_zone": place.time_zone,
        "profile_url": f"https://profiles.example/in/{slug(given)}-{slug(family)}-{number}",
        "website": f"https://www.{company.domain}",
        "industry": company.industry,
        "language": place.language,
    }


def _times(story: _Story) -> Lead:
    created = next(touch for touch in story.touches if touch.step.of_campaign or touch is story.touches[-1])
    return {
        "created_at": to_wire(created.at),
        "event_at": to_wire(story.event_at),
        "assigned_at": to_wire(story.assigned_at),
        "contacted_at": None,
        "contact_known": True,
        "attempts": 0,
        "last_touch_at": to_wire(story.touches[-1].at),
        "sla_due_at": to_wire(story.due_at),
        "sla_rule": sla.rule_of({"by": story.by}),
    }


def _marketing(story: _Story, lead_id: str) -> Lead:
    campaign, name = story.campaign, story.campaign_name
    moments = [touch.moment for touch in story.touches if touch.moment]
    return {
        "source": campaign.source,
        "campaign": {
            "name": name,
            "label": campaign.label,
            "promise": campaign.promise,
            "owner": OWNERS[campaign.source],
        },
        "touches": journeys.wire(story.touches, lead_id, campaign, name),
        "moment": moments[-1] if moments else "",
        "asset": _asset(campaign),
    }


def _industry(part: Part) -> str | None:
    if part.consultant:
        return "Consulting"
    return "Education" if part.student else None


def _job(random_: random.Random, part: Part) -> tuple[str, str]:
    """Return level and title; that the model takes a consultant for a VP is a planted defect."""
    if part.consultant:
        return "vp", random_.choice(CONSULTANT_TITLES)
    if part.student:
        return "student", random_.choice(TITLES["student"])
    level = random_.choices(list(LEVEL_WEIGHTS), list(LEVEL_WEIGHTS.values()))[0]
    return level, random_.choice(TITLES[level])


def _facts(company: Company, place: Place, level: str, part: Part) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "industry": company.industry,
        "country": place.country,
        "title_level": level,
        "business_email": True,
    }
    return facts if part.size_unknown else facts | {"employees": company.employees}


def _detail(story: _Story, score: int, threshold: int) -> str:
    if story.by == "threshold":
        return f"score {score} ≥ {threshold}"
    kind = story.touches[-1].step.kind
    return {"demo_request": "demo request", "contact_form": "contact form"}[kind]


def _nurture(random_: random.Random, now: datetime) -> dict[str, Any] | None:
    if random_.random() > _SHARE_NURTURED:
        return None
    programme, mails = random_.choice(PROGRAMMES)
    step = random_.randint(1, len(mails))
    return {
        "programme": programme,
        "step": step,
        "steps": len(mails),
        "next_mail": mails[step - 1],
        "next_mail_at": to_wire(now + timedelta(days=random_.randint(1, 6))),
    }


def _asset(campaign: Campaign) -> dict[str, Any]:
    asset = campaign.asset
    return {
        "title": asset.title,
        "kind": asset.kind,
        "pitch": asset.pitch,
        "questions": list(asset.questions),
        "template": asset.template,
    }


def _account(company: Company) -> dict[str, Any]:
    return {
        "account_id": company.account_id,
        "name": company.name,
        "customer": False,
        "open_opportunity": None,
        "siblings": [],
        "duplicate_of": None,
        "do_not_contact": False,
    }
