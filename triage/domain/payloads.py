"""What each kind of feedback may hold, and whether it does. Pure; the one place that judges a payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from triage.domain.dates import short_date
from triage.domain.feedback import FeedbackType
from triage.errors import UsageError

SHORT, LONG, LONGEST = 200, 2_000, 20_000
"""Characters of a name or a topic, of what someone said, and of a note from an editor."""


class PayloadField(Struct, frozen=True):
    """One field of a payload: its name, what it may hold, and whether it must be there."""

    name: str
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int = LONG
    is_day: bool = False
    """A day to come, typed short (2w, 15jan) and kept as 2027-01-15."""


OBJECTIONS = (
    "price",
    "timing",
    "competitor",
    "missing_feature",
    "trust_risk",
    "authority",
    "status_quo",
)
VERDICTS = ("too_high", "right", "too_low")
CORRECTABLE = ("name", "title", "company", "email", "phone", "country", "city", "industry", "employees")

FIELDS: dict[FeedbackType, tuple[PayloadField, ...]] = {
    FeedbackType.SCORE_ACCURACY: (
        PayloadField("verdict", "the score is", required=True, choices=VERDICTS),
        PayloadField("contribution", "the contribution in dispute"),
        PayloadField("comment", "why"),
    ),
    FeedbackType.OBJECTION: (
        PayloadField("category", "objection", required=True, choices=OBJECTIONS),
        PayloadField("verbatim", "in the lead's own words"),
        PayloadField("competitor", "competitor named", longest=SHORT),
    ),
    FeedbackType.QUESTION_HEARD: (PayloadField("question", "what the lead asked", required=True),),
    FeedbackType.CONTENT_REQUEST: (
        PayloadField("topic", "about what", required=True, longest=SHORT),
        PayloadField("asset_type", "what kind of asset", longest=SHORT),
        PayloadField("persona", "for whom", longest=SHORT),
        PayloadField("needed_by", "needed by", is_day=True),
        PayloadField("request_id", "the open request it adds one to", longest=SHORT),
    ),
    FeedbackType.DATA_CORRECTION: (
        PayloadField("field", "field", required=True, choices=CORRECTABLE),
        PayloadField("old", "now"),
        PayloadField("proposed", "should be", required=True),
    ),
    FeedbackType.DEFINITION_DISPUTE: (
        PayloadField("criterion", "line of the definition", longest=SHORT),
        PayloadField("proposal", "what it should say"),
        PayloadField("comment", "why"),
    ),
    FeedbackType.MESSAGE_MISMATCH: (
        PayloadField("expected", "what the lead expects", required=True),
        PayloadField("promised", "what the campaign promised"),
    ),
    FeedbackType.KUDOS: (PayloadField("comment", "thanks for"),),
    FeedbackType.NOTE: (PayloadField("text", "note", required=True, longest=LONGEST),),
    FeedbackType.WIN_REASON: (PayloadField("reason", "why they bought", required=True),),
    FeedbackType.RETRACTION: (),
}


def read_type(text: str) -> FeedbackType:
    """Return the type a command line names, `-` for `_` allowed; UsageError names them all."""
    word = text.strip().lower().replace("-", "_")
    if word in list(FeedbackType) and word != FeedbackType.RETRACTION:
        return FeedbackType(word)
    known = ", ".join(kind for kind in FeedbackType if kind is not FeedbackType.RETRACTION)
    raise UsageError(f"“{text}” is not a kind of feedback.", hint=f"The kinds are: {known}.")


def read_payload(
    kind: FeedbackType, given: Mapping[str, str], today: date | None = None, *, whole: bool = True
) -> dict[str, str]:
    """Return the payload, checked against the type's fields; UsageError says which field is off.

    Without `today` a day is taken only as 2027-01-15. Not `whole`: what is still to be typed may be missing.
    """
    fields = {spec.name: spec for spec in FIELDS[kind]}
    payload = {name: value.strip() for name, value in given.items() if value.strip()}
    for name in payload:
        if name not in fields:
            raise UsageError(f"{kind} has no field “{name}”.", hint=f"Its fields are: {', '.join(fields)}.")
    for name, spec in fields.items():
        if name in payload:
            payload[name] = _read(kind, spec, payload[name], today)
        elif spec.required and whole and not _is_told_by_another(name, payload):
            raise _missing(kind, spec)
    if "proposed" in payload and payload.get("field") == "employees":
        _check_count(payload["proposed"])
    return payload


def problem_with(
    kind: FeedbackType, name: str, text: str, today: date, beside: Mapping[str, str] | None = None
) -> str:
    """Return what is wrong with one field as typed, in words for a person, or an empty text.

    `beside`: the fields that were answered before.
    """
    spec = next(spec for spec in FIELDS[kind] if spec.name == name)
    if not text.strip():
        return "It cannot be empty." if spec.required else ""
    try:
        read_payload(kind, {**(beside or {}), name: text}, today, whole=False)
    except UsageError as error:
        return f"{error.message} {error.hint}".rstrip()
    return ""


def _is_told_by_another(name: str, payload: Mapping[str, str]) -> bool:
    """Whether a field can be left out: an open request says itself what it is about."""
    return name == "topic" and "request_id" in payload


def _missing(kind: FeedbackType, spec: PayloadField) -> UsageError:
    hint = f"One of: {', '.join(spec.choices)}." if spec.choices else f"Give {spec.name}: {spec.label}."
    return UsageError(f"{kind} needs {spec.name}.", hint=hint)


def _read(kind: FeedbackType, spec: PayloadField, value: str, today: date | None) -> str:
    if spec.choices:
        return _choice(kind, spec, value)
    if len(value) > spec.longest:
        raise UsageError(
            f"{spec.name} has {len(value):,} characters.", hint=f"{spec.longest:,} at most: {spec.label}."
        )
    return _day(spec, value, today) if spec.is_day else value


def _choice(kind: FeedbackType, spec: PayloadField, value: str) -> str:
    word = value.lower().replace("-", "_").replace(" ", "_").replace("/", "_")
    if word not in spec.choices:
        raise UsageError(
            f"“{value[:SHORT]}” is not a {spec.name} of {kind}.", hint=f"One of: {', '.join(spec.choices)}."
        )
    return word


def _day(spec: PayloadField, value: str, today: date | None) -> str:
    if today is None:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise UsageError(f"“{value[:SHORT]}” is not a date.", hint="Write 2027-03-01.") from None
    when = short_date(value, today)
    if when <= today:
        raise UsageError(f"{when.isoformat()} is not in the future.", hint=f"Give {spec.name} a later date.")
    return when.isoformat()


def _check_count(text: str) -> None:
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"“{text[:SHORT]}” is not a number of employees.", hint="Write it in digits: 240.")
