"""An organisation with people, tags, triage's custom fields and invented leads."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from tests.bottlecrm.shop.fields import Definition
from tests.bottlecrm.shop.leads import EMPTY, Lead
from tests.bottlecrm.shop.lookups import RATINGS, SOURCES
from tests.bottlecrm.shop.people import ADMIN, USER, Person, Token
from tests.bottlecrm.shop.state import State, Tag

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS = [
    "NOT_ICP_COMPANY",
    "WRONG_PERSONA",
    "LOW_INTENT",
    "BAD_DATA",
    "DUPLICATE",
    "EXISTING_CUSTOMER",
    "WRONG_TERRITORY",
    "NOT_A_BUYER",
    "COMPETITOR",
    "OTHER",
    "NO_RESPONSE",
    "BAD_TIMING",
    "EARLY_RESEARCH",
    "NO_BUDGET_NOW",
    "USING_COMPETITOR",
    "OTHER_PERSON",
    "PRODUCT_GAP",
    "NO_NEED",
    "NO_BUDGET",
    "NO_AUTHORITY",
    "UNREACHABLE",
    "DO_NOT_CONTACT",
    "HAND_RAISER",
    "STRONG_FIT",
    "CLEAR_NEED",
    "KNOWN_ACCOUNT",
]
DECISIONS = ["accepted", "rejected", "recycled", "disqualified", "rerouted", "snoozed", "restored"]
REPLY_KINDS = [
    "acknowledged", "need_info", "planned", "changed", "delivered", "no_change", "returned", "overturned", "upheld",
]  # fmt: skip
_TRIAGE: tuple[tuple[str, str, str, Sequence[str]], ...] = (
    ("triage_decision", "Triage: decision", "dropdown", DECISIONS),
    ("triage_reason", "Triage: reason", "dropdown", REASONS),
    ("triage_decision_key", "Triage: decision key", "text", ()),
    ("triage_wake_at", "Triage: wake at", "date", ()),
    ("triage_feedback", "Triage: feedback", "textarea", ()),
    ("triage_log", "Triage: log", "textarea", ()),
    ("triage_answers", "Triage: answers", "textarea", ()),
    ("triage_answer", "Triage: answer", "textarea", ()),
    ("triage_answer_kind", "Triage: kind of answer", "dropdown", REPLY_KINDS),
)
_FIRST = [
    "Ada",
    "Grace",
    "Alan",
    "Linus",
    "Edsger",
    "Barbara",
    "Tony",
    "Donald",
    "Frances",
    "Niklaus",
    "Radia",
]
_LAST = [
    "Byron",
    "Hopper",
    "Mathison",
    "Backus",
    "Lee",
    "Liskov",
    "Hoare",
    "Knuth",
    "Allen",
    "Wirth",
    "Perlman",
]
_TITLES = ("VP Sales", "Buyer", "CFO", "Head of Operations", "Engineer")
_CITIES = (("Berlin", "DE"), ("London", "GB"), ("Paris", "FR"), ("Tokyo", "JP"))


def people(state: State) -> list[Person]:
    """Admin, marketing, the rep, a colleague; each with a personal token and a session."""
    found = []
    for number, (name, role) in enumerate(
        (("admin", ADMIN), ("marketer", USER), ("rep", USER), ("rep2", USER)), start=1
    ):
        joined = state.clock.now() - timedelta(days=90 - number)
        person = Person(_id(1, number), _id(2, number), f"{name}@shop.example", name, joined, role)
        state.people[person.id] = person
        state.doors.sessions[f"session-of-{name}-{secrets.token_hex(8)}"] = person
        give_token(state, person)
        found.append(person)
    return found


def give_token(state: State, person: Person, *scopes: str) -> str:
    secret = f"bcrm_pat_{secrets.token_urlsafe(32)}"
    token = Token(str(uuid4()), secret, person, "triage", state.clock.stamp(), scopes)
    state.doors.tokens[secret] = token
    return secret


def _id(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 96) + (4 << 76) + (2 << 62) + number))


def triage_fields(state: State) -> None:
    for key, label, field_type, values in _TRIAGE:
        options = [{"value": one, "label": one.replace("_", " ").capitalize()} for one in values]
        at = state.clock.stamp()
        made = Definition(key, label, field_type, at, at, options=options or None, is_filterable=bool(values))
        state.fields[made.id] = made


def tags(state: State) -> None:
    for name in ("inbound", "trade-show", "webinar"):
        tag = Tag(str(uuid4()), name, state.clock.stamp())
        state.tags[tag.id] = tag


def lead(state: State, number: int, *, creator: Person, owner: Person, **values: Any) -> Lead:
    at = state.clock.now() - timedelta(hours=6, minutes=number % 300)
    filled = {**EMPTY, **_who(number), **values}
    tagged = {list(state.tags)[number % len(state.tags)]}
    made = Lead(str(uuid4()), filled, creator, at, at + timedelta(microseconds=17), {owner.id}, tagged)
    state.leads[made.id] = made
    return made


def _who(number: int) -> dict[str, Any]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number * 7 % len(_LAST)]
    company = number // 3
    city, country = _CITIES[number % len(_CITIES)]
    return {
        "title": f"Company {company} webinar #{number:05d}",
        "salutation": "Dr" if number % 5 == 0 else "Ms",
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}.{number}@company{company}.example".lower(),
        "phone": f"+49 30 5550{number % 10_000:04d}",
        "job_title": _TITLES[number % len(_TITLES)],
        "company_name": f"Company {company}",
        "website": f"https://company{company}.example",
        "status": "assigned",
        "source": SOURCES[number % len(SOURCES)][0],
        "source_detail": "Autumn campaign" if number % 2 else "",
        "rating": RATINGS[number % len(RATINGS)],
        "opportunity_amount": f"{1_000 * (number + 1)}.00",
        "currency": "EUR",
        "probability": number * 7 % 100,
        "city": city,
        "country": country,
        "description": f"Downloaded the ROI guide, lead score {40 + number % 60}.",
    }
