"""What buyers object to, and which competitors they name: by how many accounts, not by how often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from triage.domain.lead import LeadStatus
from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.evidence import Evidence
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
    words,
)
from triage.insights.sameness import account_of, distinct, distinct_reps, grouped, same, short, text_of

_COLUMNS = (
    Column("about", "about", Unit.TEXT),
    Column("accounts", "accounts"),
    Column("times", "times told"),
    Column("leads", "leads"),
    Column("reps", "reps"),
    Column("verbatims", "in their own words"),
    Column("latest", "the latest words", Unit.TEXT),
    Column("won", "won in spite of it"),
    Column("lost", "lost"),
)
_FORMULA = (
    "Objections of the period's feedback, by category and by the competitor that was named; ranked by "
    "different accounts, then by how often. Won in spite of it, lost = leads that came to that stage after "
    "it was first told, as the CRM says by now."
)
_Ends = Mapping[str, Sequence[StageChange]]
"""Lead → what it was closed as, and when."""
_FEWEST = 3
"""Accounts from which on a competitor is worth a finding."""


def of(evidence: Evidence) -> Insight:
    """Rank objections and competitors by distinct accounts."""
    told = [one for one in evidence.told if one.type == "objection"]
    categories = _rows("objection", told, "category", evidence.stages)
    competitors = _rows("competitor", told, "competitor", evidence.stages)
    notes = [] if told else ["No objection was told in this period."]
    unknown = sum(not account_of(one.lead) for one in told)
    if unknown:
        notes.append(
            f"Without a known account, and in “times told” only: {unknown:,} of {len(told):,} objections."
        )
    unnamed = sum(not one.rep.user_id for one in told)
    if unnamed:
        notes.append(
            f"Of {unnamed:,} of {len(told):,} objections the CRM does not say by whom: a rep is not told "
            "colleagues' words, so “in their own words” may not be all."
        )
    return Insight(
        name="objections",
        title="Objections",
        asks="What do buyers object to, and in how many accounts?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=(*categories, *competitors),
        findings=(*_first(categories, "The objection in most accounts"), *_first(competitors, "Named most")),
        notes=tuple(notes),
        chart=Chart(ChartKind.BARS, ("accounts",)),
        first_column="objection or competitor",
    )


def _rows(
    about: str, told: Sequence[ReviewedFeedback], field: str, stages: Iterable[StageChange]
) -> tuple[Row, ...]:
    """Return a line for each text of a field; without that text there is none, but of the category."""
    named = [one for one in told if text_of(one.payload, field) or field == "category"]
    groups = grouped(named, lambda one: same(text_of(one.payload, field).replace("_", " ")))
    ends = grouped(_ends(stages), lambda one: one.lead_id)
    rows = (
        _row(about, text_of(some[0].payload, field) or "no category", some, ends) for some in groups.values()
    )
    return tuple(sorted(rows, key=lambda row: (-_value(row, 1), -_value(row, 2), row.label)))


def _ends(stages: Iterable[StageChange]) -> Iterator[StageChange]:
    return (one for one in stages if one.stage in (LeadStatus.WON, LeadStatus.LOST))


def _value(row: Row, column: int) -> float:
    return row.figures[column].value or 0


def _row(about: str, label: str, told: Sequence[ReviewedFeedback], ends: _Ends) -> Row:
    spoken = [one for one in told if text_of(one.payload, "verbatim")]
    leads = tuple(dict.fromkeys(one.lead_id for one in told))
    since = _since(told)
    figures = (
        words(about),
        distinct((account_of(one.lead), one.lead_id) for one in told),
        count(one.lead_id for one in told),
        count(leads),
        distinct_reps(told),
        count(one.lead_id for one in spoken),
        words(text_of(_latest(spoken).payload, "verbatim") if spoken else ""),
        _came_to(LeadStatus.WON, since, ends),
        _came_to(LeadStatus.LOST, since, ends),
    )
    return Row(label, figures, leads)


def _latest(told: Sequence[ReviewedFeedback]) -> ReviewedFeedback:
    return max(told, key=lambda one: one.created_at.timestamp() if one.created_at else 0)


def _since(told: Iterable[ReviewedFeedback]) -> dict[str, datetime]:
    """Return when it was first told of each lead."""
    since: dict[str, datetime] = {}
    for one in told:
        if one.created_at is not None:
            since[one.lead_id] = min(since.get(one.lead_id, one.created_at), one.created_at)
    return since


def _came_to(stage: LeadStatus, since: Mapping[str, datetime], ends: _Ends) -> Figure:
    return count(
        lead_id
        for lead_id, told_at in since.items()
        if any(one.stage is stage and one.at >= told_at for one in ends.get(lead_id, ()))
    )


def _first(rows: Sequence[Row], words_before: str) -> Iterator[Finding]:
    if rows and _value(rows[0], 1) >= _FEWEST:
        first = rows[0]
        label = short(first.label.replace("_", " "))
        accounts, times = _value(first, 1), _value(first, 2)
        text = f"{words_before}: “{label}”, in {accounts:,} accounts, told {times:,} times."
        yield Finding(text, first.lead_ids, row=first.label)
