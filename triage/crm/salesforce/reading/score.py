"""A lead's score, and why, as far as the org says it. Without a number there is no score.

Einstein's lead score and Account Engagement's come without reasons; only a prediction says why of one lead.
Not confirmed against a live account: an insight's `Value` holds the number as text, a chance is between 0 and
1, and the strongest reason has the largest `Contribution`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.salesforce.api import Api, Row
from triage.crm.salesforce.describe import Described
from triage.crm.salesforce.reading.questions import Question, by_id, rows_about
from triage.crm.salesforce.selects import select_from
from triage.domain.score import RECONCILES_WITHIN, Contribution, Direction, Reasons, Score

EINSTEIN = "ScoreIntelligence"
FIELDS = (f"{EINSTEIN}.Score", "pi__score__c", "pi__grade__c")
_REASON_OBJECT = "AIInsightReason"
_INSIGHTS = Question(
    "AIRecordInsight",
    "TargetId",
    ("PredictionField", "TargetField", "Status", "RunStartTime"),
    newest_by="RunStartTime",
)
_VALUES = Question("AIInsightValue", "AiRecordInsightId", ("Value", "Field"))
_REASONS = Question(
    _REASON_OBJECT,
    "AiInsightValueId",
    (
        "Contribution",
        "Intensity",
        "FieldName",
        "FieldValue",
        "Operator",
        "FeatureType",
        "FeatureValue",
        "SortHint",
    ),
)
_SPENT = "Defunct"
_NAMED = ("band", "fit_grade", "engagement_grade", "model_version")
"""What a profile may name a field for, besides the number."""
_OPERATORS = {
    "equals": "is",
    "notequals": "is not",
    "equalto": "is",
    "notequalto": "is not",
    "greaterthan": "above",
    "greaterthanorequalto": "at least",
    "lessthan": "below",
    "lessthanorequalto": "at most",
    "contains": "contains",
    "startswith": "starts with",
    "between": "between",
}


class Prediction(Struct, frozen=True):
    """What Prediction Builder says of one lead."""

    value: float
    about: str = ""
    """The field that it predicts, or writes its number into."""
    at: datetime | None = None
    reasons: tuple[Row, ...] = ()

    @property
    def scale(self) -> float:
        """By what the number and its parts are multiplied: a chance below 1 is told in percent."""
        return 100.0 if 0 < self.value < 1 else 1.0


async def reasons_in(api: Api) -> str:
    """Return what an org says about why: `order` where a prediction has left reasons to read, else `none`."""
    if await api.describe(_REASON_OBJECT) is None:
        return Reasons.NONE.value
    rows = await api.rows(f"{select_from(_REASON_OBJECT, ('Id',))} LIMIT 1")
    return (Reasons.ORDER if rows else Reasons.NONE).value


async def predictions(api: Api, lead_ids: Sequence[str]) -> dict[str, tuple[Prediction, ...]]:
    """Return the predictions that have a number, by lead, the newest first; none where the org has none."""
    insights = [row for row in await _asked(api, _INSIGHTS, lead_ids) if row.get("Status") != _SPENT]
    values = by_id(await _asked(api, _VALUES, _ids(insights)), _VALUES.by)
    numbers = {key: row for key, rows in values.items() if (row := _numbered(rows)) is not None}
    reasons = by_id(await _asked(api, _REASONS, _ids(numbers.values())), _REASONS.by)
    found: dict[str, tuple[Prediction, ...]] = {}
    for insight in insights:
        value, lead_id = numbers.get(str(insight.get("Id"))), insight.get("TargetId")
        if value is not None and isinstance(lead_id, str):
            told = _prediction(insight, value, reasons.get(str(value.get("Id")), []))
            found[lead_id] = (*found.get(lead_id, ()), told)
    return found


async def _asked(api: Api, question: Question, ids: Sequence[str]) -> list[Row]:
    return (await rows_about(api, question, ids) or []) if ids else []


def _ids(rows: Iterable[Row]) -> list[str]:
    return [key for row in rows if isinstance(key := row.get("Id"), str)]


def _numbered(rows: Iterable[Row]) -> Row | None:
    return next((row for row in rows if _number(row.get("Value")) is not None), None)


def _prediction(insight: Row, value: Row, reasons: Sequence[Row]) -> Prediction:
    fields = Fields(insight, Counter())
    about = value.get("Field") or insight.get("TargetField") or insight.get("PredictionField")
    number = _number(value.get("Value"))
    assert number is not None
    return Prediction(number, str(about or ""), fields.time("RunStartTime"), tuple(reasons))


def read_score(fields: Fields, told: Sequence[Prediction], lead: Described, dialect: Dialect) -> Score | None:
    """Return the score of one lead: by the profile's field, Einstein, a prediction, or Account Engagement."""
    named = dialect.fields.get("score", "")
    own = next((one for one in told if named and _last(one.about) == named), told[0] if told else None)
    number = _number(fields.raw(named)) if named else None
    if number is not None:
        return _reasoned(Score(number), own, lead, fields, dialect)
    einstein = fields.child(EINSTEIN)
    number = einstein.number("Score") if einstein else None
    if number is not None:
        return _reasoned(Score(number, model_version="Einstein lead score"), own, lead, fields, dialect)
    if own is not None:
        plain = Score(own.value * own.scale, model_version=_model(own), scored_at=own.at)
        return _reasoned(plain, own, lead, fields, dialect)
    number = fields.number("pi__score__c")
    if number is None:
        return None
    plain = Score(
        number, engagement=number, fit_grade=fields.text("pi__grade__c"), model_version="Account Engagement"
    )
    return _reasoned(plain, None, lead, fields, dialect)


def _reasoned(
    plain: Score, told: Prediction | None, lead: Described, fields: Fields, dialect: Dialect
) -> Score:
    """Return a score with its reasons and with the band and grades that the profile names a field for.

    Reasons of a prediction whose number is another one are to be read as such: the first one says it.
    """
    said = {
        name: text
        for name in _NAMED
        if (theirs := dialect.fields.get(name)) and (text := fields.text(theirs))
    }
    parts = _parts(told, lead) if told else []
    weighs = bool(parts) and told is not None and _adds_up(plain.score, parts, told.scale)
    by = _of_another(told, lead) if told and plain.model_version != _model(told) else ""
    reasons = Reasons.WEIGHTS if weighs else Reasons.ORDER if parts else Reasons.NONE
    scale = told.scale if told else 1.0
    contributions = [
        _weighed(part, (points or 0.0) * scale) if weighs else _told_by(part, "" if place else by)
        for place, (part, points) in enumerate(parts)
    ]
    return replace(plain, contributions=tuple(contributions), reasons=reasons, **said)


def _model(told: Prediction) -> str:
    return f"Prediction of {told.about}" if told.about else "Prediction"


def _of_another(told: Prediction, lead: Described) -> str:
    return f"these predict {lead.label(_last(told.about))}" if told.about else "these are a prediction's"


def _parts(told: Prediction, lead: Described) -> list[tuple[Contribution, float | None]]:
    read = (_part(row, lead) for row in _strongest_first(told.reasons))
    return [part for part in read if part is not None]


def _adds_up(number: float, parts: Sequence[tuple[Contribution, float | None]], scale: float) -> bool:
    points = [weight * scale for _, weight in parts if weight is not None]
    return len(points) == len(parts) and abs(sum(points) - number) <= RECONCILES_WITHIN


def _told_by(part: Contribution, by: str) -> Contribution:
    """Return a reason with where it comes from, where that is not the score's own model."""
    return replace(part, evidence=", ".join(text for text in (part.evidence, by) if text))


def _strongest_first(rows: Sequence[Row]) -> list[Row]:
    for name in ("Contribution", "Intensity"):
        if all(_number(row.get(name)) is not None for row in rows):
            return sorted(rows, key=lambda row: -abs(_number(row.get(name)) or 0.0))
    return sorted(rows, key=lambda row: _number(row.get("SortHint")) or 0.0)


def _part(row: Row, lead: Described) -> tuple[Contribution, float | None] | None:
    """Return one reason in words, and its weight; None for one that says nothing a person could read."""
    fields = Fields(row, Counter())
    name = _last(fields.text("FieldName"))
    if not name:
        return None
    weight = _number(row.get("Contribution"))
    pull = weight if weight is not None else _number(row.get("Intensity"))
    evidence = fields.text("FeatureValue")
    said = fields.text("FieldValue") or evidence
    label = _worded(lead.label(name), fields.text("Operator"), said)
    part = Contribution(label, evidence="" if evidence == said else evidence, direction=_direction(pull))
    return part, weight


def _weighed(part: Contribution, points: float | None) -> Contribution:
    return Contribution(
        part.label, points_earned=points or 0.0, points_applied=points or 0.0, evidence=part.evidence
    )


def _direction(pull: float | None) -> Direction | None:
    if not pull:
        return None
    return Direction.UP if pull > 0 else Direction.DOWN


def _worded(label: str, operator: str, value: str) -> str:
    if not value:
        return label
    word = _OPERATORS.get(operator.replace("_", "").replace(" ", "").casefold())
    return f"{label} {word} {value}" if word else f"{label}: {value}"


def _last(path: str) -> str:
    """Return a field's name without its object: Lead.Industry is Industry."""
    return path.rpartition(".")[2]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def score_fields(words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields of a lead that its score is read from; `words` are the profile's."""
    return (*FIELDS, *(words[name] for name in ("score", *_NAMED) if name in words))
