"""How figures are written for people, on every front end alike. Pure; a CRM's texts stay raw.

A share is never told without what it is of; what is not known is a dash, never a zero.
"""

from __future__ import annotations

from datetime import UTC, timedelta

from triage.insights.figure import Figure, Unit
from triage.insights.period import Period

UNKNOWN = "–"
FEW = "direction only"
"""Said of what rests on fewer than ten."""
_WHOLE = 100
"""From so much on, fractions say nothing."""
_MARKS = {
    Unit.SHARE: "%",
    Unit.DAYS: " d",
    Unit.HOURS: " h",
    Unit.SECONDS: " s",
    Unit.RATIO: "×",
}


def figure_words(figure: Figure, unit: Unit, currency: str = "") -> str:
    """Return "34%, 24–47%, n=58", "EUR 12,300, n=7, direction only", "12.5 d", or a dash for unknown."""
    parts = (value_words(figure, unit, currency), interval_words(figure, unit, currency), base_words(figure))
    return ", ".join(part for part in parts if part)


def value_words(figure: Figure, unit: Unit, currency: str = "") -> str:
    """Return the figure alone: "34%", "EUR 12,300", "2.09×"; a dash for unknown."""
    if unit is Unit.TEXT:
        return figure.text or UNKNOWN
    if figure.value is None:
        return UNKNOWN
    number = number_words(figure.value, unit)
    return f"{currency} {number}" if unit is Unit.MONEY and currency else number


def number_words(value: float, unit: Unit) -> str:
    """Return a number with the sign of its unit; a minus is a minus, never a hyphen."""
    return f"{_digits(value, unit)}{_MARKS.get(unit, '')}"


def interval_words(figure: Figure, unit: Unit, currency: str = "") -> str:
    """Return the 95 % interval, "24–47%"; nothing where there is none, or where it rests on too few."""
    if figure.value is None or figure.low is None or figure.high is None or figure.is_direction_only:
        return ""
    low, high = _digits(figure.low, unit), number_words(figure.high, unit)
    return f"{currency} {low}–{high}" if unit is Unit.MONEY and currency else f"{low}–{high}"


def base_words(figure: Figure) -> str:
    """Return what it is of, "n=58", and whether that is too few; nothing where it is of nothing."""
    if figure.n is None or (figure.value is None and not figure.text):
        return ""
    return f"n={figure.n:,}, {FEW}" if figure.is_direction_only else f"n={figure.n:,}"


def period_words(period: Period) -> str:
    """Return "29 Dec 2025 – 29 Mar 2026", both days included, in UTC."""
    first, last = period.since.astimezone(UTC), period.until.astimezone(UTC) - timedelta(microseconds=1)
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def _digits(value: float, unit: Unit) -> str:
    text = _rounded(value, unit)
    # What rounds to nothing has no sign: the lower end of a share of none is a hair below zero.
    text = text if text.strip("-0.,") else text.removeprefix("-")
    return text.replace("-", "−")


def _rounded(value: float, unit: Unit) -> str:
    if unit is Unit.SHARE:
        return f"{value * 100:.0f}"
    if unit is Unit.SCORE:
        return f"{value:.3f}"
    if unit is Unit.RATIO:
        return f"{value:.2f}"
    if unit is Unit.MONEY or abs(value) >= _WHOLE or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}"
