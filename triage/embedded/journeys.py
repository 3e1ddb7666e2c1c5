"""What a lead did before it came: touches in order, each with the points it earns, one story per source."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from triage.embedded.campaigns import Campaign
from triage.embedded.moments import to_wire


class Step(Struct, frozen=True):
    """A kind of touch: its points, the cap group it counts in, whether it shows intent, how it is told."""

    kind: str
    label: str
    points: int
    stage: str
    summary: str
    group: str | None = None
    intent: bool = False
    of_campaign: bool = False
    channel: str = "website"
    moment: str = ""


_AD = Step("ad_click", "clicked an ad", 2, "awareness", "Clicked the ad: “{promise}”", of_campaign=True)
_SOCIAL = Step(
    "social_view", "watched a film", 1, "awareness", "Watched to the end: {label}", of_campaign=True
)
_VISIT = Step("web_visit", "product pages", 6, "awareness", "Read {n} product pages", "web visits")
_MAIL = Step(
    "email_click", "clicked a mail", 4, "awareness", "Clicked “{asset}” in a mail", "e-mail", channel="email"
)
_SIGN_UP = Step("registration", "registered", 5, "consideration", "Registered for {label}", of_campaign=True)
_ATTENDED = Step(
    "webinar_attended",
    "attended a webinar",
    14,
    "consideration",
    "Stayed {n}0 of 60 minutes in {label}",
    intent=True,
    of_campaign=True,
    moment="Asked in the webinar how the night shift hands over.",
)
_DOWNLOAD = Step(
    "download",
    "downloaded",
    10,
    "consideration",
    "Downloaded “{asset}”",
    "content",
    of_campaign=True,
    moment="Downloaded “{asset}” and forwarded it to two colleagues.",
)
_GUIDE = Step("guide_read", "read a guide", 8, "consideration", "Read “{asset}” for {n} minutes", "content")
_CALCULATOR = Step(
    "calculator",
    "used the calculator",
    15,
    "decision",
    "Calculated {n}8,400 € for an hour of standstill",
    intent=True,
    moment="Typed in {n}8,400 € as the cost of one hour of standstill.",
)
_PRICING = Step(
    "pricing_visit",
    "pricing page",
    15,
    "decision",
    "Visited the pricing page {n} times",
    intent=True,
    moment="Came back to the pricing page {n} times in one week.",
)
_COMPARISON = Step(
    "comparison_visit",
    "comparison page",
    10,
    "decision",
    "Compared plans for {n} minutes",
    intent=True,
    moment="Compared us with two others for {n} minutes.",
)
_BOOTH = Step(
    "booth_visit",
    "visited the booth",
    14,
    "consideration",
    "Spoke with us at the fair for {n} minutes",
    intent=True,
    of_campaign=True,
    channel="event",
    moment="Brought a photo of their own line to the booth.",
)
_INTRODUCED = Step(
    "referral",
    "introduced by a customer",
    18,
    "consideration",
    "Introduced by a customer's plant manager",
    intent=True,
    of_campaign=True,
    moment="A customer wrote: “They have exactly the problem we had.”",
)
_SURVEY = Step(
    "survey", "answered a survey", 6, "awareness", "Answered the survey", of_campaign=True, channel="email"
)
_CAREERS = Step("careers_visit", "careers page", -10, "awareness", "Visited the careers page {n} times")
_DEMO = Step(
    "demo_request",
    "asked for a demo",
    30,
    "decision",
    "Asked for a demo: “{wish}”",
    intent=True,
    of_campaign=True,
    moment="Asked for a demo: “{wish}”",
)
_CONTACT = Step(
    "contact_form",
    "contact form",
    25,
    "decision",
    "Wrote in the contact form: “{wish}”",
    intent=True,
    moment="Wrote: “{wish}”",
)

_OPENINGS: dict[str, tuple[Step, ...]] = {
    "webinar": (_MAIL, _SIGN_UP, _ATTENDED),
    "content": (_VISIT, _DOWNLOAD),
    "paid-search": (_AD, _VISIT, _COMPARISON),
    "paid-social": (_SOCIAL, _AD, _DOWNLOAD),
    "event": (_BOOTH, _MAIL),
    "referral": (_INTRODUCED, _VISIT),
    "outbound-list": (_SURVEY, _MAIL),
    "demo-request": (_VISIT, _GUIDE),
}
_MORE = (_PRICING, _GUIDE, _VISIT, _CALCULATOR, _MAIL, _COMPARISON, _DOWNLOAD, _VISIT, _MAIL, _ATTENDED)
_WISHES = (
    "We run three shifts and nobody trusts the handover.",
    "Our audit is in eight weeks, can you show traceability?",
    "We would like to see it with our own stop reasons.",
    "Two plants, one reporting. How would that look?",
    "Our current tool ends in March.",
)


class Touch(Struct, frozen=True):
    """One step at one time, told."""

    step: Step
    at: datetime
    summary: str
    moment: str


def opening(campaign: Campaign, *, hand_raise: bool, student: bool) -> list[Step]:
    """Return the steps that lead this source's people to us, the one that raises a hand last."""
    steps = list(_OPENINGS[campaign.source])
    if student:
        steps.insert(1, _CAREERS)
    if hand_raise:
        steps.append(_DEMO if campaign.source == "demo-request" else _CONTACT)
    return steps


def shuffled_steps(random_: random.Random) -> list[Step]:
    """Return the further steps that anyone may take, in an order of their own."""
    return random_.sample(_MORE, len(_MORE))


def longer(steps: list[Step], more: list[Step], extra: int) -> list[Step]:
    """Return the story with the first `extra` of the further steps."""
    return [*steps, *more[:extra]]


def tell(random_: random.Random, steps: list[Step], campaign: Campaign, event_at: datetime) -> list[Touch]:
    """Return the steps as touches that end at the event."""
    at = event_at
    touches: list[Touch] = []
    for step in reversed(steps):
        words = {
            "n": random_.randint(2, 5),
            "label": campaign.label,
            "promise": campaign.promise,
            "asset": campaign.asset.title,
            "wish": random_.choice(_WISHES),
        }
        touches.append(Touch(step, at, step.summary.format(**words), step.moment.format(**words)))
        at -= timedelta(minutes=random_.randint(180, 60 * 24 * 9))
    return touches[::-1]


def wire(touches: list[Touch], lead_id: str, campaign: Campaign, campaign_name: str) -> list[dict[str, Any]]:
    """Return the touches as the wire shows them, oldest first, with the parts they played."""
    of_campaign = [n for n, touch in enumerate(touches) if touch.step.of_campaign]
    parts = {
        "first": 0,
        "creating": of_campaign[0] if of_campaign else 0,
        "tipping": len(touches) - 1,
        "last": len(touches) - 1,
    }
    return [
        {
            "touch_id": f"T-{lead_id[2:]}-{n + 1}",
            "at": to_wire(touch.at),
            "kind": touch.step.kind,
            "channel": campaign.channel if touch.step.of_campaign else touch.step.channel,
            "campaign": campaign_name if touch.step.of_campaign else None,
            "asset": campaign.asset.title if "“{asset}”" in touch.step.summary else None,
            "stage": touch.step.stage,
            "summary": touch.summary,
            "roles": [part for part, position in parts.items() if position == n],
        }
        for n, touch in enumerate(touches)
    ]
