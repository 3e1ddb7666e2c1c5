"""A pack that has everything in it: each kind of chart, few and unknown figures, hostile texts."""

from __future__ import annotations

from datetime import date, timedelta

from tests.corpus import HOSTILE
from tests.insights.world import answered, decided, evidence, told
from triage.domain.review import ReplyKind
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
from triage.pack.pack import Pack, pack_of

MARKUP = (
    "<script>console.error('ran')</script>",
    "<img src=x onerror=console.error('ran')>",
    '" onmouseover="console.error(1)',
    "</td></tr></table></style><svg/onload=console.error(1)>",
    "</title><script>console.error('title')</script>",
    "&lt;script&gt;console.error(2)&lt;/script&gt;",
    "=1+1",
    "[a](http://evil.example)",
    "a | b",
    "$title ${title}",
)
TEXTS = (*MARKUP, *HOSTILE)


def of(accepted: int, decided_: int) -> Figure:
    ids = [f"L-{number}" for number in range(decided_)]
    return share(ids[:accepted], ids)


ACCEPTANCE = Insight(
    name="acceptance",
    title="Acceptance by source",
    asks="Which sources send what sales takes?",
    formula="accepted / decided, by the lead's source; 95 % Wilson interval.",
    first_column="source",
    columns=(Column("acceptance", "accepted of decided", Unit.SHARE), Column("decided", "decided")),
    rows=(
        Row("webinar", (of(20, 58), count("abc" * 19))),
        Row("trade fair", (of(31, 44), count("ab" * 22))),
        Row("referral", (of(7, 8), count("ab" * 4))),
        Row("syndication", (of(9, 70), count("ab" * 35))),
        Row("partner", (Figure(k=0, n=0), Figure(0))),
        Row("all", (of(67, 180), Figure(180)), is_total=True),
    ),
    findings=(Finding("The series “Tuesday talks” is 21 points below the others (n=31).", row="webinar"),),
    notes=("4 decisions on leads without a source are in “all” only.",),
    chart=Chart(ChartKind.BARS, ("acceptance",), target=0.6),
)
WEEKS = Insight(
    name="weeks",
    title="Acceptance by week",
    asks="Did something change, and when?",
    formula="accepted / decided, by the week of the decision.",
    first_column="week",
    columns=(
        Column("acceptance", "accepted of decided", Unit.SHARE),
        Column("above", "of those above the threshold", Unit.SHARE),
    ),
    rows=tuple(
        Row(f"{date(2026, 1, 5) + timedelta(weeks=week):%d %b}", (of(good, 50), of(good - 4, 42)))
        for week, good in enumerate((30, 31, 29, 33, 32, 18, 17, 19, 20, 16, 22, 21))
    ),
    findings=(Finding("Acceptance fell from 62% to 38%.", on=date(2026, 2, 9)),),
    chart=Chart(ChartKind.SERIES, ("acceptance", "above"), target=0.6),
)
CALIBRATION = Insight(
    name="calibration",
    title="Calibration",
    asks="Does a better score mean a better lead?",
    formula="accepted / decided per band against the score's mean.",
    first_column="band",
    columns=(
        Column("said", "said", Unit.SHARE),
        Column("observed", "accepted", Unit.SHARE),
        Column("lift", "lift", Unit.RATIO),
    ),
    rows=tuple(
        Row(band, (Figure(said), of(k, n), Figure(lift)))
        for band, said, k, n, lift in (
            ("A", 0.75, 31, 40, 2.09),
            ("B", 0.5, 26, 58, 1.21),
            ("C", 0.25, 15, 72, 0.56),
            ("D", 0.1, 2, 30, 0.18),
        )
    ),
    chart=Chart(ChartKind.RELIABILITY, ("said", "observed")),
)
REVENUE = Insight(
    name="revenue",
    title="Revenue by source",
    asks="What did accepted leads bring?",
    formula="amounts of opportunities from accepted leads.",
    first_column="source",
    currency="EUR",
    columns=(Column("won", "won", Unit.MONEY), Column("pipeline", "open pipeline", Unit.MONEY)),
    rows=(
        Row("webinar", (Figure(124_000.0, n=12), Figure(80_500.0, n=5))),
        Row("trade fair", (Figure(56_250.5, n=4), Figure(None, n=0))),
    ),
    chart=Chart(ChartKind.BARS, ("won", "pipeline")),
)
HOSTILE_ROWS = Insight(
    name="objections",
    title="Objections <b>&</b> more",
    asks="What do leads say?",
    formula="distinct accounts.",
    first_column="objection",
    columns=(Column("accounts", "accounts"), Column("words", "in their words", Unit.TEXT)),
    rows=tuple(Row(text, (Figure(number + 1), words(text))) for number, text in enumerate(TEXTS)),
    findings=tuple(Finding(text) for text in MARKUP[:3]),
    notes=MARKUP[:2],
    chart=Chart(ChartKind.BARS, ("accounts",)),
)
BY_REP = Insight(
    name="untouched",
    title="By rep",
    asks="Do we decide with care?",
    formula="of a rep's decisions.",
    first_column="rep",
    columns=(Column("other", "OTHER of non-accepts", Unit.SHARE), Column("decisions", "decisions")),
    rows=(
        Row("Robin Vale", (of(2, 30), Figure(50)), ("L-1",)),
        Row("Sam Few", (of(1, 3), Figure(4, lead_ids=("L-FEW",))), ("L-FEW",)),
        Row("all", (of(3, 33), Figure(54)), is_total=True),
    ),
    findings=(Finding("Sam Few says OTHER often.", row="Sam Few"),),
)
INSIGHTS = (ACCEPTANCE, WEEKS, CALIBRATION, REVENUE, HOSTILE_ROWS, BY_REP)


def sample() -> Pack:
    """Return a pack of a few events and of insights that have everything in them."""
    planned = answered("D-1", ReplyKind.PLANNED, days=3, text="A page about prices <i>soon</i>")
    events = (
        decided("reject", reason="NOT_A_BUYER", days=4, note=MARKUP[0]),
        decided("reject", reason="NOT_A_BUYER", days=9),
        decided("reject", reason="LOW_INTENT", days=6, decision_id="D-1", replies=(planned,)),
        told("score_accuracy", days=8, payload={"verdict": "too_high", "contribution": MARKUP[1]}),
        told("objection", days=2, payload={"category": "price"}, routed_to="product marketing"),
        told("kudos", days=2),
    )
    return pack_of(evidence(*events), INSIGHTS)
