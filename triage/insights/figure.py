"""What an insight is made of: figures that know their denominator and their leads, for every front end.

Screen, JSON, pack and spreadsheet all show these values, so that their numbers cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from triage.domain.share import ENOUGH, wilson


class Unit(StrEnum):
    """What a figure counts in; how it is written follows from it."""

    COUNT = "count"
    SHARE = "share"
    """0 to 1; written as a percentage."""
    MONEY = "money"
    """In the currency of the insight."""
    DAYS = "days"
    HOURS = "hours"
    SECONDS = "seconds"
    POINTS = "points"
    RATIO = "ratio"
    """So many times another."""
    SCORE = "score"
    """A measure without a unit: Brier, skill, ECE."""
    TEXT = "text"


class Figure(Struct, frozen=True):
    """One number, with what it is of. A text where the column's unit is TEXT."""

    value: float | int | None = None
    """None: unknown, which is never zero."""
    text: str = ""
    """Raw text of a CRM, or our own words."""
    k: int | None = None
    """The numerator, where it is a share."""
    n: int | None = None
    """The denominator."""
    low: float | None = None
    high: float | None = None
    """The 95 % interval's ends."""
    lead_ids: tuple[str, ...] = ()
    """The leads that were counted: of a share, those of its numerator."""

    @property
    def is_direction_only(self) -> bool:
        """Whether it rests on too few to be more than a direction."""
        return self.n is not None and self.n < ENOUGH


def share(counted: Iterable[str], of: Iterable[str]) -> Figure:
    """Return the share of leads (or decisions, by their lead) with its Wilson 95 % interval.

    Of none it is unknown. An id may stand in either more than once: each counts.
    """
    ids, n = tuple(counted), sum(1 for _ in of)
    if not n:
        return Figure(k=len(ids), n=0)
    low, high = wilson(len(ids), n)
    return Figure(len(ids) / n, k=len(ids), n=n, low=low, high=high, lead_ids=tuple(dict.fromkeys(ids)))


def count(lead_ids: Iterable[str]) -> Figure:
    """Return how many; an id that stands there twice counts twice and is opened once."""
    ids = tuple(lead_ids)
    return Figure(len(ids), lead_ids=tuple(dict.fromkeys(ids)))


def words(text: str) -> Figure:
    """Return a text as a cell."""
    return Figure(text=text)


class Column(Struct, frozen=True):
    """One column of figures."""

    name: str
    """Its name in JSON and CSV: lower case, underscores. Kept once released."""
    label: str
    unit: Unit = Unit.COUNT


class Row(Struct, frozen=True):
    """One line: what it is about, and a figure for each column."""

    label: str
    """Raw: a source, a campaign, a reason's label; our own words where it is a sum."""
    figures: tuple[Figure, ...]
    lead_ids: tuple[str, ...] = ()
    """The leads that the line is about."""
    is_total: bool = False


class Finding(Struct, frozen=True):
    """What stands out, in a sentence with its number: what a reader should look at first."""

    text: str
    lead_ids: tuple[str, ...] = ()
    on: date | None = None
    """The day something changed, where it is about a change."""
    row: str = ""
    """The label of the line it is about, if any."""


class ChartKind(StrEnum):
    """How the figures of one column are drawn."""

    BARS = "bars"
    """One bar a line, with its interval."""
    SERIES = "series"
    """Lines over time, the rows from left to right."""
    RELIABILITY = "reliability"
    """Said against observed, with the diagonal."""


class Chart(Struct, frozen=True):
    """What to draw of an insight."""

    kind: ChartKind
    columns: tuple[str, ...]
    """Names of the columns that are drawn; of RELIABILITY: what was said, what was observed."""
    target: float | None = None
    """A line to reach, in the unit of the first column."""


class Insight(Struct, frozen=True):
    """One question, answered in a table."""

    name: str
    """Its name on the command line: `triage insights NAME`."""
    title: str
    asks: str
    """The question that it answers, as one of the two teams would ask it."""
    formula: str
    """How its numbers come about, with their denominators."""
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out, and what is not known."""
    chart: Chart | None = None
    currency: str = ""
    """ISO 4217, where a column is money."""
    first_column: str = ""
    """What the lines' labels are: source, campaign, reason."""
