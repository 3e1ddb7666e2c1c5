"""Each won lead: the way it came, what the rep saw when accepting it, and why it bought all the same."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from msgspec import Struct

from triage.domain.feedback import FeedbackType
from triage.domain.review import ReviewedFeedback
from triage.domain.stages import StageChange
from triage.insights.case import Case
from triage.insights.deals import UNTOLD, currency_of, is_in, left_out, won_in
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Insight, Row, Unit, words
from triage.insights.handed import NO_CAMPAIGN, NO_SOURCE
from triage.insights.histories import Histories
from triage.insights.sameness import grouped, same, text_of

_FORMULA = (
    "Leads whose last closing in the period is won, the latest first, accepted here or not. Score and band: "
    "as the rep saw them at the last accept before the win. Objections overcome: those told on the lead or "
    "its account before the win, the last 20 of each. Win reason: the last that a rep told on the lead."
)
MOST = 20
"""Objections that are told of a lead, and of its account."""
_COLUMNS = (
    Column("lead", "lead", Unit.TEXT),
    Column("won_on", "won on", Unit.TEXT),
    Column("source", "source", Unit.TEXT),
    Column("campaign", "campaign", Unit.TEXT),
    Column("touch_path", "touch path", Unit.TEXT),
    Column("score", "score at acceptance", Unit.POINTS),
    Column("band", "band at acceptance", Unit.TEXT),
    Column("objections", "objections overcome", Unit.TEXT),
    Column("win_reason", "win reason", Unit.TEXT),
    Column("amount", "amount", Unit.MONEY),
)


def of(evidence: Evidence) -> Insight:
    """Tell each won lead of the period."""
    won, currency = won_in(evidence)[::-1], currency_of(evidence)
    return Insight(
        name="wins",
        title="Won leads",
        asks="What did we win, how did it come to us, and why did they buy?",
        formula=_FORMULA,
        columns=_COLUMNS,
        rows=tuple(_rows(evidence, won, currency)),
        notes=_notes(evidence, won, currency),
        currency=currency,
        first_column="company",
    )


class _Heard(Struct, frozen=True):
    """Feedback of one kind, the oldest first, by what it can be about."""

    by_lead: dict[str, list[ReviewedFeedback]]
    by_account: dict[str, list[ReviewedFeedback]]
    by_company: dict[str, list[ReviewedFeedback]]

    @classmethod
    def of(cls, evidence: Evidence, kind: FeedbackType) -> _Heard:
        """Take what was not taken back, of all time."""
        told = [one for one in evidence.feedback if one.type == kind and one.state != "retracted"]
        dated = sorted(
            (one for one in told if one.created_at), key=lambda one: (one.created_at, one.feedback_id)
        )
        return cls(
            grouped(dated, lambda one: one.lead_id),
            grouped(dated, lambda one: text_of(one.lead, "account_id")),
            grouped(dated, lambda one: same(text_of(one.lead, "company"))),
        )

    def about(self, won: StageChange) -> Iterator[ReviewedFeedback]:
        """Yield what was told on a lead, or on another of its account, before it was won."""
        found = _before(won, self.by_lead.get(won.lead_id, ()))
        if won.account_id:
            found |= _before(won, self.by_account.get(won.account_id, ()))
        if same(won.company):
            found |= _before(won, self.by_company.get(same(won.company), ()))
        for one in found.values():
            if one.lead_id == won.lead_id or _may_be_of(one, won.account_id):
                yield one


def _before(won: StageChange, told: Sequence[ReviewedFeedback]) -> dict[str, ReviewedFeedback]:
    """Return the last told before a win, by their id: a name that very many leads share is no account."""
    end = bisect_right(told, won.at, key=lambda one: one.created_at or won.at)
    return {one.feedback_id: one for one in told[max(0, end - MOST) : end]}


def _may_be_of(one: ReviewedFeedback, account_id: str) -> bool:
    """Whether two companies of one name can be one account: not where both are known to be others."""
    own = text_of(one.lead, "account_id")
    return not own or not account_id or own == account_id


def _rows(evidence: Evidence, won: Iterable[StageChange], currency: str) -> Iterator[Row]:
    histories = Histories.of(evidence)
    accepts = grouped((case for case in evidence.all_cases if case.is_accepted), lambda case: case.lead_id)
    objections = _Heard.of(evidence, FeedbackType.OBJECTION)
    reasons = _Heard.of(evidence, FeedbackType.WIN_REASON).by_lead
    for one in won:
        seen = _last_before(accepts.get(one.lead_id, ()), one)
        figures = (
            words(one.lead_id),
            words(f"{one.at.astimezone(UTC):%Y-%m-%d}"),
            words(histories.source(one.lead_id) or NO_SOURCE),
            words(histories.campaign(one.lead_id) or NO_CAMPAIGN),
            words(" → ".join(one.touches)),
            Figure(seen.score if seen else None),
            words(seen.band if seen else ""),
            words("; ".join(dict.fromkeys(map(_objection, objections.about(one))))),
            words(_win_reason(reasons.get(one.lead_id, ()))),
            Figure(one.amount if is_in(one, currency) else None, lead_ids=(one.lead_id,)),
        )
        yield Row(one.company or one.name or one.lead_id, figures, (one.lead_id,))


def _last_before(accepts: Iterable[Case], won: StageChange) -> Case | None:
    """Return the last accept before the win, or None."""
    return next((case for case in reversed(tuple(accepts)) if case.at <= won.at), None)


def _objection(one: ReviewedFeedback) -> str:
    """Return "price: “too expensive”", in the words that were told."""
    category = (text_of(one.payload, "category") or "objection").replace("_", " ")
    said = text_of(one.payload, "verbatim")
    return f"{category}: “{said}”" if said else category


def _win_reason(told: Sequence[ReviewedFeedback]) -> str:
    """Return the last reason told, or nothing."""
    return text_of(told[-1].payload, "reason") if told else ""


def _notes(evidence: Evidence, won: Sequence[StageChange], currency: str) -> tuple[str, ...]:
    if not evidence.stages:
        return (UNTOLD,)
    if not won:
        return ("No lead was won in this period.",)
    unnamed = sum(one.owner is None and not one.name for one in won)
    part = f"{unnamed:,} of {len(won):,} won leads"
    said = f"Of {part} the CRM tells no names: of a colleague's, a rep is not told names and words."
    return (*left_out(won, currency), *((said,) if unnamed else ()))
