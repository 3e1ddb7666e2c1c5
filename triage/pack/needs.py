"""Decisions needed: what waits for one of the two teams, whose it is, and until when. Pure.

All that is open now counts, whenever it was told: a meeting that looks at four weeks must not forget
what has waited for five. What waits is what `triage review` says; here alike ones of all campaigns are
one line, so that a meeting can go through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from triage.domain.feedback import FeedbackType
from triage.domain.proposals import Proposal
from triage.domain.review_groups import Group
from triage.domain.review_words import words_of
from triage.domain.reviewing import Matter, Reviewed, Standing, matters_of
from triage.insights.evidence import Evidence
from triage.insights.figure import Column, Figure, Insight, Row, Unit, count, words

DAY = timedelta(days=1)
NOBODY = "nobody yet"
MOST = 20
"""Lines that a meeting can go through."""
SEPARATOR = "\x00"
_REST = "“triage review” lists all of it, each with what the rep saw."
_ASKS_NOTHING = frozenset({FeedbackType.KUDOS, FeedbackType.WIN_REASON})
"""What is told to be known, and waits for no decision."""
_COLUMNS = (
    Column("owner", "owner", Unit.TEXT),
    Column("due", "due", Unit.TEXT),
    Column("items", "items"),
    Column("overdue", "overdue"),
    Column("waiting_days", "waiting for", Unit.DAYS),
)


def needs(evidence: Evidence, proposals: Iterable[Proposal] = ()) -> Insight:
    """Return what waits: the definition first, then what has most overdue."""
    kinds = _kinds(evidence)
    return Insight(
        name="decisions_needed",
        title="What waits for whom",
        asks="What waits for one of us, whose is it, and until when?",
        formula=(
            "Rejections, recycles and feedback (but for thanks and win reasons) without any reply, as of "
            "when this was made. Due is the next day an answer is due, overdue counts what is past its own."
        ),
        columns=_COLUMNS,
        rows=(
            *_review_date(evidence),
            *(_proposal(one, evidence.now) for one in proposals if one.is_open),
            *_rows(kinds, evidence.now),
        ),
        notes=(_REST,) if len(kinds) > MOST else (),
        first_column="what",
    )


def _kinds(evidence: Evidence) -> list[Group]:
    """Return what waits by what is said and by whose it is, what has most overdue first."""
    found: dict[tuple[str, str], list[Matter]] = {}
    for matter in matters_in(evidence):
        said = "note" if matter.what == FeedbackType.NOTE else _said(matter, evidence)
        found.setdefault((said, matter.routed_to or matter.campaign_owner or NOBODY), []).append(matter)
    kinds = (Group(SEPARATOR.join(key), tuple(matters)) for key, matters in found.items())
    return sorted(kinds, key=lambda one: (-one.overdue, -one.count, one.key))


def _said(matter: Matter, evidence: Evidence) -> str:
    return words_of(matter, evidence.reasons, evidence.definition).replace(SEPARATOR, " ")


def _rows(kinds: list[Group], now: datetime) -> Iterator[Row]:
    """Yield a line for each of the first, one for all others, and one of the sums."""
    for kind in kinds[:MOST]:
        said, _, owner = kind.key.partition(SEPARATOR)
        yield _row(said, owner, kind.matters, now)
    if rest := kinds[MOST:]:
        others = [matter for kind in rest for matter in kind.matters]
        yield _row(f"{len(rest)} other kinds", "", others, now)
    if kinds:
        yield _row("all that waits", "", [one for kind in kinds for one in kind.matters], now, is_total=True)


def matters_in(evidence: Evidence) -> Iterator[Matter]:
    """Yield what nobody has answered and somebody should."""
    items: tuple[Reviewed, ...] = (*evidence.decisions, *evidence.feedback)
    for matter in matters_of(items, evidence.definition, evidence.reasons, evidence.now):
        if not matter.is_answered and matter.what not in _ASKS_NOTHING:
            yield matter


def _row(said: str, owner: str, matters: Sequence[Matter], now: datetime, *, is_total: bool = False) -> Row:
    group = Group(said, tuple(matters))
    leads = count(one.item.lead_id for one in matters)
    figures = (
        words(owner),
        words(_day(group.next_due)),
        leads,
        count(one.item.lead_id for one in matters if one.standing is Standing.OVERDUE),
        Figure((now - group.oldest) / DAY if group.oldest else None),
    )
    return Row(said, figures, leads.lead_ids, is_total)


def _proposal(proposal: Proposal, now: datetime) -> Row:
    why = f": {proposal.why}" if proposal.why else ""
    lacks = " and ".join(proposal.lacks)
    return Row(
        f"agree on MQL v{proposal.definition.version}, proposed to replace v{proposal.based_on}{why}",
        (
            words(f"the owner in {lacks}" if lacks else NOBODY),
            words(""),
            Figure(1),
            Figure(),
            Figure((now - proposal.at) / DAY if proposal.at else None),
        ),
    )


def _review_date(evidence: Evidence) -> Iterator[Row]:
    """Yield the question whether both still agree, once the definition's review date has passed."""
    agreed, now = evidence.definition, evidence.now
    if agreed.review_due is None or agreed.review_due >= now:
        return
    disputes = count(
        one.lead_id
        for one in evidence.feedback
        if one.type == FeedbackType.DEFINITION_DISPUTE
        and one.state != "retracted"
        and (agreed.agreed_at is None or one.created_at is None or one.created_at >= agreed.agreed_at)
    )
    noun = "dispute" if disputes.value == 1 else "disputes"
    yield Row(
        f"Do we still agree on MQL v{agreed.version}? ({disputes.value} {noun})",
        (
            words(" and ".join(agreed.agreed_by) or NOBODY),
            words(_day(agreed.review_due)),
            Figure(1),
            Figure(1),
            Figure((now - agreed.review_due) / DAY),
        ),
        disputes.lead_ids,
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
