"""The pack as a value: what the meeting of both teams talks about, in the order in which it does. Pure.

Every number is an insight's, so that no format can differ from the screen. What names few leads of one
rep is left out before any format sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from triage.domain.proposals import Proposal
from triage.insights.catalogue import all_of
from triage.insights.evidence import Evidence
from triage.insights.figure import Insight
from triage.insights.period import Period
from triage.insights.wording import period_words
from triage.pack.coming import coming
from triage.pack.hiding import hidden
from triage.pack.needs import needs

CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Decisions needed", ("decisions_needed",)),
    ("What we agreed on", ("targets",)),
    ("Campaign performance", ("acceptance", "campaigns", "weeks", "revenue")),
    ("Lead quality", ("calibration", "perception", "threshold")),
    ("Conversion", ("conversion", "velocity", "pace")),
    ("Top reasons and disputes", ("reasons", "disputes")),
    ("What sales hears", ("objections", "content")),
    ("Service between the teams", ("service", "untouched", "watchdog")),
    ("Wins", ("wins",)),
    ("Next from marketing", ("next_from_marketing",)),
)
"""The meeting's agenda: a heading, and the insights under it."""
_MOMENT = timedelta(microseconds=1)
REST = "Further numbers"
"""The heading of insights that the agenda does not name."""


class Chapter(Struct, frozen=True):
    """One heading of the agenda."""

    title: str
    insights: tuple[Insight, ...]


class Pack(Struct, frozen=True):
    """One pack."""

    period: Period
    made_at: datetime
    definition: str
    """The version of the definition that holds."""
    chapters: tuple[Chapter, ...]
    is_team: bool = True
    """Whether it is of all reps; else of the one who made it."""

    @property
    def insights(self) -> tuple[Insight, ...]:
        """All insights, in the order of the agenda."""
        return tuple(insight for chapter in self.chapters for insight in chapter.insights)

    @property
    def title(self) -> str:
        """What the pack is called."""
        return "Lead review"

    @property
    def subtitle(self) -> str:
        """Of when it is, when it was made, and under which definition."""
        version = f", MQL definition v{self.definition}" if self.definition else ""
        of = "" if self.is_team else ", one rep's own numbers"
        return f"{period_words(self.period)}{of}{version}, made {self.made_at:%Y-%m-%d %H:%M} UTC"


def file_stem(period: Period) -> str:
    """Return the name of a period's files, without an ending: both days are in the period."""
    last = max(period.since, period.until - _MOMENT)
    return f"pack-{period.since:%Y-%m-%d}-to-{last:%Y-%m-%d}"


def pack_of(
    evidence: Evidence,
    insights: Iterable[Insight] | None = None,
    *,
    proposals: Iterable[Proposal] = (),
    is_team: bool = True,
) -> Pack:
    """Return the pack of a period; `insights` instead of the catalogue's, where they were counted already."""
    counted = tuple(insights) if insights is not None else all_of(evidence)
    known = (needs(evidence, proposals), *counted, coming(evidence))
    return Pack(
        period=evidence.period,
        made_at=evidence.now,
        definition=evidence.definition.version,
        chapters=_chapters({insight.name: hidden(insight) for insight in known}),
        is_team=is_team,
    )


def _chapters(insights: dict[str, Insight]) -> tuple[Chapter, ...]:
    named = {name for _, names in CHAPTERS for name in names}
    rest = (REST, tuple(name for name in insights if name not in named))
    found = (
        Chapter(title, tuple(insights[name] for name in names if name in insights))
        for title, names in (*CHAPTERS, rest)
    )
    return tuple(chapter for chapter in found if chapter.insights)
