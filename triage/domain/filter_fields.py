"""The fields of the filter language, in one table: help, completion and the docs derive from it.

Each reads an entry into the form in which it is compared, so that a list can keep it for thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.clocks import Sla
from triage.domain.entry import Entry
from triage.domain.folding import shown_folded
from triage.domain.lead import LeadStatus
from triage.domain.outline import AnyLead


class Kind(StrEnum):
    """How the values of a field are compared."""

    TEXT = "text"
    """A part of it is enough; several with commas: any of them."""
    CHOICE = "choice"
    """The whole value; several with commas: any of them."""
    NUMBER = "number"
    """Compared by > < >= <=, or equal."""
    SPAN = "span"
    """The time since, compared by > < >= <=: 90m, 4h, 1d, 2w."""


YES_NO = ("yes", "no")
SPANS = ("1h", "4h", "1d", "3d", "1w", "2w")
"""Spans that are offered while one is typed."""


class Field(Struct, frozen=True):
    """One field of a filter."""

    name: str
    kind: Kind
    meaning: str
    example: str
    read: Callable[[Entry], Any]
    """Text or texts folded, a number or None, a moment or None; of `sla` the outline itself."""
    show: Callable[[Entry], tuple[str, ...]] | None = None
    """The values as they are offered for completion; None: by `values`."""
    values: tuple[str, ...] = ()
    """All the values there are, where it is us who give them."""
    usual: tuple[str, ...] = ()
    """What CRMs usually say, where it is they who give them."""

    @property
    def changes_with_time(self) -> bool:
        """Whether a lead can come to match by waiting alone."""
        return self.kind is Kind.SPAN or self.name == "sla"


def _text(name: str, meaning: str, example: str, show: Callable[[Entry], tuple[str, ...]]) -> Field:
    return Field(name, Kind.TEXT, meaning, example, lambda entry: shown_folded(*show(entry)), show)


def _choice(
    name: str,
    meaning: str,
    example: str,
    show: Callable[[Entry], tuple[str, ...]],
    *,
    values: tuple[str, ...] = (),
    usual: tuple[str, ...] = (),
) -> Field:
    return Field(name, Kind.CHOICE, meaning, example, _folded(show), show, values, usual)


def _folded(show: Callable[[Entry], tuple[str, ...]]) -> Callable[[Entry], tuple[str, ...]]:
    return lambda entry: tuple([shown_folded(one) for one in show(entry)])


def _number(name: str, meaning: str, example: str, read: Callable[[Entry], float | None]) -> Field:
    return Field(name, Kind.NUMBER, meaning, example, read)


def _of_score(name: str) -> Callable[[Entry], float | None]:
    return lambda entry: getattr(entry.outline.score, name, None)


def _yes(holds: object) -> tuple[str]:
    return ("yes",) if holds else ("no",)


def _campaign(entry: Entry) -> tuple[str, ...]:
    campaign = entry.outline.campaign
    return (campaign.name, campaign.words) if campaign else ()


def _decided(entry: Entry) -> tuple[str, ...]:
    act = entry.decision_act
    return ("no",) if act is None or act is Act.RESTORE else ("yes", act.value)


def haystack(outline: AnyLead) -> str:
    """Return all that a plain word is looked for in, folded."""
    return shown_folded(
        outline.name,
        outline.company,
        outline.title,
        outline.email,
        outline.source,
        outline.lead_id,
        outline.city,
    )


ANYWHERE = Field(
    "",
    Kind.TEXT,
    "A plain word: name, company, title, e-mail, source, id or city.",
    "acme",
    lambda entry: haystack(entry.outline),
)
FIELDS: tuple[Field, ...] = (
    _text("source", "Where marketing found the lead.", "source:webinar", lambda one: (one.outline.source,)),
    _text("campaign", "The campaign, by its raw name or in words.", "campaign:spring", _campaign),
    _choice(
        "band",
        "The score's band.",
        "band:A,B",
        lambda one: (one.outline.score.band,) if one.outline.score else (),
        usual=("A", "B", "C", "D"),
    ),
    _choice(
        "grade",
        "Fit × engagement.",
        "grade:A1",
        lambda one: (one.outline.score.grade,) if one.outline.score else (),
    ),
    _number("score", "The score.", "score>70", _of_score("score")),
    _number("fit", "The fit part of the score.", "fit>=60", _of_score("fit")),
    _number("engagement", "The engagement part of the score.", "engagement>50", _of_score("engagement")),
    _number("trend", "How the score moved.", "trend<0", _of_score("trend")),
    _text("name", "The person.", "name:ada", lambda one: (one.outline.name,)),
    _text("title", "The job title.", "title:vp", lambda one: (one.outline.title,)),
    _text("company", "The company.", 'company:"northwind robotics"', lambda one: (one.outline.company,)),
    _text(
        "account",
        "The account at the CRM, by name or id.",
        "account:northwind",
        lambda one: (one.outline.account.name, one.outline.account.account_id),
    ),
    _text("email", "The e-mail address.", "email:@northwind", lambda one: (one.outline.email,)),
    _text("industry", "The company's industry.", "industry:logistics", lambda one: (one.outline.industry,)),
    _number("employees", "People in the company.", "employees>=50", lambda one: one.outline.employees),
    _choice("country", "The country, in two letters.", "-country:DE", lambda one: (one.outline.country,)),
    _text("city", "The city.", "city:berlin", lambda one: (one.outline.city,)),
    _text(
        "owner",
        "Whose it is, by name or id.",
        "owner:robin",
        lambda one: (one.outline.owner.user_id, one.outline.owner.name),
    ),
    _text("id", "The lead's id.", "id:L-0001", lambda one: (one.outline.lead_id,)),
    Field(
        "age",
        Kind.SPAN,
        "The time since the assignment.",
        "age>1d",
        lambda one: one.outline.assigned_at or one.outline.created_at,
        values=SPANS,
    ),
    Field(
        "untouched",
        Kind.SPAN,
        "The time since somebody last touched it.",
        "untouched>1d",
        lambda one: one.outline.last_touch_at or one.outline.assigned_at,
        values=SPANS,
    ),
    Field(
        "sla",
        Kind.CHOICE,
        "How it stands against its deadline.",
        "sla:breached,due_soon",
        lambda one: one.outline,
        values=tuple(one.value for one in Sla if one not in (Sla.MET, Sla.MET_LATE)),
    ),
    _choice(
        "status",
        "Where it stands at the CRM.",
        "status:working",
        lambda one: (one.outline.status.value,),
        values=tuple(one.value for one in LeadStatus),
    ),
    _choice(
        "mql",
        "Whether it raised its hand or crossed the threshold.",
        "mql:hand_raise",
        lambda one: (one.outline.mql.by,) if one.outline.mql else (),
        usual=("hand_raise", "threshold"),
    ),
    _choice(
        "badge",
        "A warning of the list.",
        "-badge:DUP,DNC",
        lambda one: one.badges,
        values=("DNC", "CUST", "OPP", "DUP", "SIB", "RE", "RET", "R"),
    ),
    _number("attempts", "Logged attempts to reach it.", "attempts>=3", lambda one: one.outline.attempts),
    _choice(
        "contacted",
        "Whether a contact was logged.",
        "contacted:no",
        lambda one: _yes(one.outline.contacted_at),
        values=YES_NO,
    ),
    _choice(
        "decided",
        "Whether, or how, you decided it here.",
        "decided:reject",
        _decided,
        values=(*YES_NO, *(act.value for act in Act if act is not Act.RESTORE)),
    ),
    _choice(
        "feedback",
        "Whether you told marketing something about it.",
        "feedback:yes",
        lambda one: _yes(one.feedback),
        values=YES_NO,
    ),
)
"""Every field, those first that are asked for most."""
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
FIELD_NAMES = tuple(BY_NAME)
