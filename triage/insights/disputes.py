"""What sales disputes: points of the score, lines of the definition, and the definition as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.review import ReviewedFeedback
from triage.insights.case import Case
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
    words,
)
from triage.insights.sameness import account_of, distinct, distinct_reps, grouped, same, short, text_of

WHOLE = "the score as a whole"
TOO_HIGH, RIGHT, TOO_LOW = "too_high", "right", "too_low"
_COLUMNS = (
    Column("about", "about", Unit.TEXT),
    Column("disputes", "disputes"),
    Column("too_high", "too high"),
    Column("too_low", "too low"),
    Column("right", "right"),
    Column("accounts", "accounts"),
    Column("reps", "reps"),
    Column("carried", "decisions that carried it"),
    Column("disputed", "disputed of those leads", Unit.SHARE),
    Column("accepted_with", "accepted with it", Unit.SHARE),
    Column("accepted_without", "accepted without it", Unit.SHARE),
)
_FORMULA = (
    "Disputes = feedback that says too high or too low, by the part of the score it names; disputes of a "
    "line of the definition; rejects of leads that met every line. Accounts and reps: different ones. "
    "Disputed of those leads = leads with a dispute of the part / leads decided with the part in their "
    "score. Accepted with it, without it = accepted / decided of the decisions whose score's parts are known."
)
_FEWEST = 3
"""Accounts from which on a dispute is more than one opinion."""
_MOST = 3
"""Findings about parts of the score, at most."""
_HALF = 0.5


class _Disputed(Struct, frozen=True):
    """One part of the score, what was said of it, and the decisions that carried it."""

    label: str
    told: tuple[ReviewedFeedback, ...]
    carried: tuple[Case, ...]
    others: tuple[Case, ...]
    """Decisions whose score's parts are known, and this is none of them."""

    def saying(self, *verdicts: str) -> list[ReviewedFeedback]:
        return [one for one in self.told if _verdict(one) in verdicts]


def of(evidence: Evidence) -> Insight:
    """Rank what is disputed, with what became of the leads it is about."""
    judged = [one for one in evidence.told if _verdict(one) in (TOO_HIGH, RIGHT, TOO_LOW)]
    parts = sorted(_parts(judged, evidence.cases), key=lambda one: -len(one.saying(TOO_HIGH, TOO_LOW)))
    lines = [one for one in evidence.told if one.type == "definition_dispute"]
    against = [case for case in evidence.cases if case.decision.disagrees_with and case.act is Act.REJECT]
    rows = (*map(_row, parts), *_lines(evidence, lines), *_against(against))
    return Insight(
        name="disputes",
        title="Disputes",
        asks="Which points of the score and which lines of the definition does sales not believe?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=rows,
        findings=tuple(_findings(parts)),
        notes=() if rows else ("Nobody judged a score or disputed the definition in this period.",),
        chart=Chart(ChartKind.BARS, ("disputes",)),
        first_column="what",
    )


def _verdict(one: ReviewedFeedback) -> str:
    return text_of(one.payload, "verdict").lower() if one.type == "score_accuracy" else ""


def _parts(judged: Iterable[ReviewedFeedback], cases: Sequence[Case]) -> Iterator[_Disputed]:
    """Yield each part that was judged, in the order in which it was first named; and the score as a whole."""
    names = {label: same(label) for label in {part.label for case in cases for part in case.parts}}
    labels = {id(case): {names[part.label] for part in case.parts} for case in cases if case.parts}
    known = [case for case in cases if id(case) in labels]
    for name, told in grouped(judged, lambda one: same(text_of(one.payload, "contribution"))).items():
        if not name:
            yield _Disputed(WHOLE, tuple(told), (), ())
            continue
        yield _Disputed(
            text_of(told[0].payload, "contribution"),
            tuple(told),
            tuple(case for case in known if name in labels[id(case)]),
            tuple(case for case in known if name not in labels[id(case)]),
        )


def _row(part: _Disputed) -> Row:
    disputes = part.saying(TOO_HIGH, TOO_LOW)
    carriers = dict.fromkeys(case.lead_id for case in part.carried)
    disputed = {one.lead_id for one in disputes}
    figures = (
        words("score" if part.label == WHOLE else "part of the score"),
        *(
            _count(some)
            for some in (disputes, part.saying(TOO_HIGH), part.saying(TOO_LOW), part.saying(RIGHT))
        ),
        *_spread(disputes),
        count(case.lead_id for case in part.carried),
        share((lead_id for lead_id in carriers if lead_id in disputed), carriers),
        _accepted(part.carried),
        _accepted(part.others),
    )
    return Row(part.label, figures, _count(part.told).lead_ids)


def _count(told: Iterable[ReviewedFeedback]) -> Figure:
    return count(one.lead_id for one in told)


def _accepted(cases: Sequence[Case]) -> Figure:
    return share((case.lead_id for case in cases if case.is_accepted), (case.lead_id for case in cases))


def _spread(told: Iterable[ReviewedFeedback]) -> tuple[Figure, Figure]:
    """Return in how many accounts, and by how many reps."""
    some = tuple(told)
    accounts = distinct((account_of(one.lead), one.lead_id) for one in some)
    return accounts, distinct_reps(some)


def _lines(evidence: Evidence, told: Iterable[ReviewedFeedback]) -> Iterator[Row]:
    """Yield the disputed lines of the definition, the most disputed first."""
    labels = {same(line.criterion_id): line.label for line in evidence.definition.criteria}
    by_line = grouped(told, lambda one: same(text_of(one.payload, "criterion")))
    for line, some in sorted(by_line.items(), key=lambda item: (-len(item[1]), item[0])):
        label = labels.get(line) or text_of(some[0].payload, "criterion") or "the definition as a whole"
        yield _other_row(label, "line of the definition", _count(some), _spread(some))


def _against(cases: Iterable[Case]) -> Iterator[Row]:
    """Yield the definitions whose every line a lead met, and which was rejected all the same."""
    by_version = grouped(cases, lambda case: case.decision.disagrees_with or "")
    for version, some in sorted(by_version.items()):
        accounts = distinct((account_of(case.decision.lead), case.lead_id) for case in some)
        reps = distinct_reps(case.decision for case in some)
        leads = count(case.lead_id for case in some)
        yield _other_row(f"{version}: met, and rejected", "reject", leads, (accounts, reps))


def _other_row(label: str, about: str, disputes: Figure, spread: tuple[Figure, Figure]) -> Row:
    unknown = Figure()
    figures = (words(about), disputes, unknown, unknown, unknown, *spread, *(unknown for _ in range(4)))
    return Row(label, figures, disputes.lead_ids)


def _findings(parts: Iterable[_Disputed]) -> Iterator[Finding]:
    """Yield the parts that several accounts' leads say the same about, the most disputed first."""
    each = (one for part in parts for one in _one_sided(part))
    yield from islice(each, _MOST)


def _one_sided(part: _Disputed) -> Iterator[Finding]:
    """Yield what is said of a part by most who judge it: how often, where, and in what words."""
    for verdict, told in ((TOO_HIGH, "too high"), (TOO_LOW, "too low")):
        some = part.saying(verdict)
        accounts, reps = _spread(some)
        if len(some) <= len(part.told) * _HALF or (accounts.value or 0) < _FEWEST:
            continue
        by = "" if reps.value is None else f", by {_several(reps, 'rep')}"
        text = f"“{short(part.label)}” is said to be {told} {len(some):,} times{by}"
        text = f"{text}, in {_several(accounts, 'account')}.{_shared(part, some)}{_in_words(some)}"
        yield Finding(text, _count(some).lead_ids, row=part.label)


def _several(figure: Figure, word: str) -> str:
    return f"{figure.value:,} {word}" + ("" if figure.value == 1 else "s")


def _shared(part: _Disputed, some: Sequence[ReviewedFeedback]) -> str:
    """Say what the points rest on where they are disputed most, and what became of such leads.

    Only where that is known is it counted: of a colleague's lead a rep is not told what the points rest on.
    """
    rests_on = {case.lead_id: _evidence(case, part.label) for case in part.carried}
    told = [text_of(one.snapshot, "contribution_evidence") or rests_on.get(one.lead_id, "") for one in some]
    known = [text for text in told if text]
    groups = grouped(known, same)
    first = sorted(groups, key=lambda name: (-len(groups[name]), name))[:_MOST]
    often = [name for name in first if len(groups[name]) > 1]
    if not often:
        return ""
    named = ", ".join(f"{short(groups[name][0])} ({len(groups[name]):,})" for name in often)
    such = [case for case in part.carried if same(rests_on[case.lead_id]) in often]
    others = [case for case in part.carried if same(rests_on[case.lead_id]) not in ("", *often)]
    of = "" if len(known) == len(told) else f" of the {len(known):,} that say what it rests on"
    text = f" Most often{of}, where it rests on {named}" if of else f" Most often where it rests on {named}"
    return f"{text}: of such leads {_rate(such)} are accepted, of the others {_rate(others)}."


def _in_words(some: Iterable[ReviewedFeedback]) -> str:
    """Quote what the reps say of it most often, where several of them say it."""
    comments = grouped((text for one in some if (text := text_of(one.payload, "comment"))), same)
    first = min(comments, key=lambda name: (-len(comments[name]), name), default="")
    return f" In their words: “{short(comments[first][0])}”" if first and len(comments[first]) > 1 else ""


def _evidence(case: Case, label: str) -> str:
    """Return what a part rests on, as the snapshot kept it."""
    for part in case.decision.snapshot.get("contributions", ()):
        if isinstance(part, dict) and same(text_of(part, "label")) == same(label):
            return text_of(part, "evidence")
    return ""


def _rate(cases: Sequence[Case]) -> str:
    rate = _accepted(cases)
    return "none decided" if rate.value is None else f"{rate.value:.0%} (n={rate.n:,})"
