"""Invented numbers of every shape an insight can have, and a session whose CRM holds events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from screens.insights.numbers import Numbers
from tests.insights.world import evidence
from tests.screens.sample import NOW
from triage.desk.gathering import Gathered
from triage.domain.review import ReviewedDecision
from triage.domain.stages import StageChange
from triage.insights.figure import (
    Chart,
    ChartKind,
    Column,
    Figure,
    Finding,
    Insight,
    Row,
    Unit,
    count,
    share,
    words,
)
from triage.insights.period import WEEK, Period

PERIOD = Period.last(12 * WEEK, NOW)
LEADS = tuple(f"L-{number:04d}" for number in range(3, 31))


def ids(number: int, start: int = 0) -> tuple[str, ...]:
    """So many leads, over and over where there are not so many."""
    return tuple(LEADS[(start + at) % len(LEADS)] for at in range(number))


def _source(label: str, accepted: int, decided: int, amount: float | None) -> Row:
    return Row(
        label,
        (
            count(ids(decided)),
            share(ids(accepted), ids(decided)),
            Figure(amount, n=accepted, lead_ids=ids(2)),
            Figure(accepted / 3.0, n=decided),
            words("3 d faster"),
        ),
        ids(decided),
    )


SOURCES = Insight(
    "acceptance",
    "Acceptance by source",
    "Of the leads that marketing sent, how many did sales take?",
    "acceptance = accepted / decided, of decisions on leads handed over; Wilson 95 % interval. "
    "Superseded decisions are left out; a lead that came back counts each time.",
    (
        Column("decided", "decided"),
        Column("acceptance", "accepted of decided", Unit.SHARE),
        Column("pipeline", "pipeline", Unit.MONEY),
        Column("days", "days to decide", Unit.DAYS),
        Column("verdict", "in words", Unit.TEXT),
    ),
    (
        _source("webinar", 20, 58, 123_400),
        _source("demo-request", 41, 52, 880_000),
        _source("event", 3, 7, None),
        _source("(no source)", 0, 12, 0),
        Row(
            "all",
            (count(ids(129)), share(ids(64), ids(129)), Figure(1_003_400), Figure(21.3), words("")),
            is_total=True,
        ),
    ),
    (Finding("webinar: 34% accepted, below the others (60%)", ids(38), row="webinar"),),
    ("Two decisions carry no source.",),
    Chart(ChartKind.BARS, ("acceptance",), target=0.6),
    "EUR",
    "source",
)
WEEKS = Insight(
    "weeks",
    "Acceptance week by week",
    "Did what marketing sends become better or worse, and since when?",
    "acceptance = accepted / decided, by the week of the decision.",
    (Column("decided", "decided"), Column("acceptance", "accepted of decided", Unit.SHARE)),
    tuple(
        Row(
            f"2026-{8 + at // 4:02}-{1 + at % 4 * 7:02}", (count(ids(40)), share(ids(took), ids(40))), ids(40)
        )
        for at, took in enumerate((24, 25, 23, 26, 24, 14, 13, 15, 12, 14, 13, 14))
    ),
    (Finding("acceptance fell from 61% to 34%", ids(95), date(2026, 9, 8)),),
    chart=Chart(ChartKind.SERIES, ("acceptance",), target=0.6),
    first_column="week of",
)
BANDS = Insight(
    "calibration",
    "Calibration by band",
    "Does a better score mean a better lead?",
    "accepted = accepted / decided within a band of the score at decision.",
    (Column("said", "said", Unit.SHARE), Column("seen", "accepted", Unit.SHARE), Column("lift", "lift", Unit.RATIO)),
    tuple(
        Row(band, (Figure(said), share(ids(took), ids(of)), Figure(lift)), ids(of))
        for band, said, took, of, lift in (
            ("A", 0.75, 31, 40, 2.09), ("B", 0.5, 26, 58, 1.21), ("C", 0.25, 15, 72, 0.56), ("D", 0.1, 2, 30, 0.18),
        )
    ),
    chart=Chart(ChartKind.RELIABILITY, ("said", "seen")),
    first_column="band",
)  # fmt: skip
NOTHING = Insight("wins", "Won leads", "Why did they buy?", "each lead that was won in the time")
GAPS = Insight(
    "pace",
    "Faster and slower than the others",
    "Which sources move slower?",
    "days from delivery to decision, less the median of all",
    (Column("gap", "days against all", Unit.DAYS),),
    tuple(
        Row(name, (Figure(gap, n=20),), ids(4))
        for name, gap in (("webinar", 4.5), ("event", -2.0), ("mail", 0.0))
    ),
    chart=Chart(ChartKind.BARS, ("gap",)),
    first_column="source",
)
ALL = (SOURCES, WEEKS, BANDS, GAPS, NOTHING)


def gathered(*events: ReviewedDecision | StageChange, is_team: bool = True) -> Gathered:
    """What a CRM with these events gave at NOW."""
    return Gathered(evidence(*events, period=PERIOD, now=NOW), NOW, is_team)


def filled(numbers: Numbers, insights: Sequence[Insight] = ALL, *events: ReviewedDecision) -> None:
    """Let numbers be there, as after a gathering."""
    numbers.gathered, numbers.insights = gathered(*events), tuple(insights)
    numbers.changed()
