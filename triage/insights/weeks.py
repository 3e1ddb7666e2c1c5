"""Acceptance week by week, and the week from which it was another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

from triage.domain.share import ENOUGH
from triage.insights.case import Case
from triage.insights.change import Step, Trial, step_in
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
    share,
)
from triage.insights.handed import ALL, NO_SOURCE, Delivery, handed
from triage.insights.measures import code_of
from triage.insights.sameness import grouped

_WEEK = timedelta(weeks=1)
_FORMULA = (
    "Weeks begin on Monday, 00:00 UTC, cut to the period. accepted of decided = accepts / decisions of the "
    "week on leads that were handed over; delivered = leads whose last assignment of the period lies in the "
    f"week. A source has a column of its own where it has {ENOUGH} decisions in every second week or more. "
    "A change: of all splits of the weeks the one with the largest two-proportion z statistic, told only if "
    "chance makes one such in 100 series or fewer (Bonferroni over the splits), the Wilson 95 % intervals do "
    "not overlap, and the last two weeks are on the new side. Beside its week those are named that explain "
    "the series as well (squared statistic at most 3.84 less)."
)


def of(evidence: Evidence) -> Insight:
    """Count decisions by week, and look for a change."""
    whole = handed(evidence)
    delivered = whole.delivered
    weeks = _weeks([*(case.at for case in whole.cases), *(one.change.at for one in delivered or ())])
    sources = _told_apart(whole.cases, weeks)
    by_week = grouped(whole.cases, _monday_of)
    arrived = None if delivered is None else grouped(delivered, _delivered_in)
    rows = [_row(f"{week}", by_week.get(f"{week}", []), _of(arrived, f"{week}"), sources) for week in weeks]
    return Insight(
        name="weeks",
        title="Acceptance week by week",
        asks="Did what marketing sends become better or worse, and since when?",
        formula=_FORMULA,
        columns=_columns(sources),
        rows=(*rows, _total(whole.cases, delivered, sources)) if rows else (),
        findings=_findings(evidence, weeks, by_week),
        notes=_notes(evidence, weeks),
        chart=Chart(
            ChartKind.SERIES,
            ("acceptance", *_names(sources).values()),
            target=evidence.definition.targets.get("acceptance"),
        ),
        first_column="week of",
    )


def monday(moment: datetime) -> date:
    """Return the Monday, in UTC, of a moment's week."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _monday_of(case: Case) -> str:
    return f"{monday(case.at)}"


def _delivered_in(one: Delivery) -> str:
    return f"{monday(one.change.at)}"


def _weeks(moments: Sequence[datetime]) -> list[date]:
    """Return every Monday from the first week with an event to the last."""
    if not moments:
        return []
    first, last = monday(min(moments)), monday(max(moments))
    return [first + number * _WEEK for number in range((last - first) // _WEEK + 1)]


def _told_apart(cases: Sequence[Case], weeks: Sequence[date]) -> list[str]:
    """Return the sources with enough decisions in enough weeks, the largest first."""
    enough = {}
    for source, own in grouped(cases, lambda case: case.source).items():
        full = sum(1 for one in grouped(own, _monday_of).values() if len(one) >= ENOUGH)
        if full * 2 >= len(weeks):
            enough[source] = len(own)
    return sorted(enough, key=lambda source: (-enough[source], source))


def _names(sources: Iterable[str]) -> dict[str, str]:
    """Return a column's name for each source, no two alike."""
    names: dict[str, str] = {}
    for source in sources:
        plain = re.sub(r"[^a-z0-9]+", "_", source.casefold()).strip("_") or "no_source"
        name = wanted = f"acceptance_{plain[:40]}"
        number = 2
        while name in names.values():
            name, number = f"{wanted}_{number}", number + 1
        names[source] = name
    return names


def _columns(sources: Sequence[str]) -> tuple[Column, ...]:
    names = _names(sources)
    return (
        Column("decided", "decided"),
        Column("acceptance", "accepted of decided", Unit.SHARE),
        Column("delivered", "delivered"),
        *(Column(names[source], source or NO_SOURCE, Unit.SHARE) for source in sources),
    )


def _of(arrived: Mapping[str, list[Delivery]] | None, week: str) -> Sequence[Delivery] | None:
    return None if arrived is None else arrived.get(week, ())


def _row(
    label: str,
    cases: Sequence[Case],
    delivered: Sequence[Delivery] | None,
    sources: Sequence[str],
    *,
    is_total: bool = False,
) -> Row:
    return Row(
        label,
        (
            count(case.lead_id for case in cases),
            _taken(cases),
            Figure() if delivered is None else count(one.change.lead_id for one in delivered),
            *(_taken([case for case in cases if case.source == source]) for source in sources),
        ),
        tuple(dict.fromkeys(case.lead_id for case in cases)),
        is_total=is_total,
    )


def _total(cases: Sequence[Case], delivered: Sequence[Delivery] | None, sources: Sequence[str]) -> Row:
    return _row(ALL, cases, delivered, sources, is_total=True)


def _taken(cases: Sequence[Case]) -> Figure:
    return share((case.lead_id for case in cases if case.is_accepted), (case.lead_id for case in cases))


def _trial(cases: Sequence[Case]) -> Trial:
    return sum(1 for case in cases if case.is_accepted), len(cases)


def _findings(
    evidence: Evidence, weeks: Sequence[date], by_week: Mapping[str, list[Case]]
) -> tuple[Finding, ...]:
    """Return the change of all leads, if there is one, with what explains most of it."""
    found = step_in([_trial(by_week.get(f"{week}", [])) for week in weeks])
    if found is None:
        return ()
    before = [case for week in weeks[: found.index] for case in by_week.get(f"{week}", [])]
    after = [case for week in weeks[found.index :] for case in by_week.get(f"{week}", [])]
    since = weeks[found.index]
    verb = "fell" if found.fell else "rose"
    text = (
        f"Acceptance {verb} from {_words(found.before)} to {_words(found.after)} in the week of Monday, "
        f"{_day(since)}, and stayed there{_or_else(found, weeks)}."
        f"{_moved(evidence, found, before, after)}{_volume(found, weeks, by_week)}"
    )
    return (Finding(text, tuple(dict.fromkeys(case.lead_id for case in after)), since, f"{since}"),)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _or_else(found: Step, weeks: Sequence[date]) -> str:
    """Say between which weeks it began, where more than one explains the series as well."""
    if found.earliest == found.latest:
        return ""
    return f" (it began between the weeks of {_day(weeks[found.earliest])} and {_day(weeks[found.latest])})"


def _volume(found: Step, weeks: Sequence[date], by_week: Mapping[str, list[Case]]) -> str:
    """Say how many decisions a usual week had before and has since."""
    counts = [len(by_week.get(f"{week}", [])) for week in weeks]
    before, after = median(counts[: found.index]), median(counts[found.index :])
    return f" Decisions in a usual week: {before:g} → {after:g}."


def _words(trial: Trial) -> str:
    return f"{trial[0] / trial[1]:.0%} (n={trial[1]:,})"


def _moved(evidence: Evidence, found: Step, before: Sequence[Case], after: Sequence[Case]) -> str:
    """Name the act and reason whose share of all decisions moved most, against acceptance."""
    old, new = _reasons(before), _reasons(after)
    sign = 1 if found.fell else -1
    moves = {key: sign * (new.get(key, 0) / len(after) - old.get(key, 0) / len(before)) for key in old | new}
    key = max(moves, key=lambda one: (moves[one], one), default=None)
    if key is None or moves[key] <= 0:
        return ""
    act, code = key
    label = next((one.label for one in evidence.reasons.reasons if (one.act, one.code) == key), "")
    named = f"{act} {code}{f' ({label})' if label else ''}"
    verb = "grew" if found.fell else "shrank"
    return (
        f" What {verb} most: {named}, {old.get(key, 0) / len(before):.0%} → "
        f"{new.get(key, 0) / len(after):.0%} of the decisions."
    )


def _reasons(cases: Sequence[Case]) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for case in cases:
        if not case.is_accepted and code_of(case):
            key = (case.act.value, code_of(case))
            counted[key] = counted.get(key, 0) + 1
    return counted


def _notes(evidence: Evidence, weeks: Sequence[date]) -> tuple[str, ...]:
    if not weeks:
        return ("Nothing was decided or delivered in this period.",)
    period = evidence.period
    ends = (("first", monday(period.since), period.since), ("last", monday(period.until), period.until))
    cut = [
        place
        for place, week, end in ends
        if week in weeks and end != datetime(week.year, week.month, week.day, tzinfo=UTC)
    ]
    return (f"Not a whole week: the {' and the '.join(cut)}.",) if cut else ()
