"""The number and the word by which people of BottleCRM rank a lead. Pure; nothing is made up of the two.

BottleCRM counts no score. It has a rating, and a probability that is 0 until somebody says another: without a
number, by the profile's own field or that, there is no score, and the rating alone is told as a fact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from triage.crm.dialect import Dialect
from triage.domain.score import Reasons, Score

Value = Callable[[str], Any]
"""Returns what a lead says under a name, of its own fields and of custom ones; None where it says nothing."""
_PROBABILITY = "probability"
_BANDS = {"HOT": "A", "WARM": "B", "COLD": "C"}
_LONGEST_NUMBER = 40


def score_of(value: Value, dialect: Dialect) -> Score | None:
    """Return a lead's score with its band; None without a number, for zero would be an opinion."""
    named = dialect.fields.get("score", "")
    points = number_of(value(named or _PROBABILITY))
    if points is None or (not named and not points):
        return None
    return Score(
        score=points,
        fit=number_of(value(dialect.fields.get("fit", ""))),
        engagement=number_of(value(dialect.fields.get("engagement", ""))),
        fit_grade=_text(value(dialect.fields.get("fit_grade", ""))),
        engagement_grade=_text(value(dialect.fields.get("engagement_grade", ""))),
        band=band_of(value, dialect),
        model_version=_text(value(dialect.fields.get("model_version", "")))
        or named
        or "BottleCRM probability",
        reasons=Reasons.NONE,
    )


def band_of(value: Value, dialect: Dialect) -> str:
    """Return A to C by the rating, or what the profile's own field says."""
    named = dialect.fields.get("band", "")
    return _text(value(named)) if named else _BANDS.get(_text(value("rating")).upper(), "")


def number_of(said: object) -> float | None:
    """Return a finite number, of a number or a text that is one; None for all else."""
    if isinstance(said, bool) or not isinstance(said, int | float | str) or len(str(said)) > _LONGEST_NUMBER:
        return None
    try:
        number = float(said)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(said: object) -> str:
    return said.strip() if isinstance(said, str) else ""
