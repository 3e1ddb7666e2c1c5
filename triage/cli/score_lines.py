"""A score as `show` prints it: what it is made of, so that a reader can add it up."""

from __future__ import annotations

from triage.domain.entry import HIDDEN, Entry
from triage.domain.provided import Provided
from triage.domain.score import Contribution, Reasons, Score

_SIGNS = {True: "▲", False: "▼", None: "·"}


def score_lines(entry: Entry, provided: Provided) -> list[str]:
    """Return the score of a lead with its reasons, as far as the CRM gives them."""
    score = provided.of(entry.lead).score
    if entry.is_blind:
        return [f"score     {HIDDEN.removeprefix('score ')}"]
    if score is None:
        return ["score     unknown · the CRM gives none"]
    total = " ".join(filter(None, (f"score     {score.score:g}", score.band, score.grade)))
    if provided.explains and not score.contributions:
        ask = f"`triage explain {entry.lead_id}` asks {provided.name}"
        return [total, *_apart(score), f"  reasons not asked for yet: {ask}"]
    if score.reasons is Reasons.NONE:
        return [total, *_apart(score), f"  reasons {provided.lacking}"]
    if score.reasons is Reasons.ORDER:
        return [
            total,
            *_apart(score),
            *(f"  {_SIGNS[part.lifts]} {part.label}{_on(part)}" for part in score.by_weight()),
        ]
    off = [f"  does not add up by {score.residual:+g}"] if score.unreconciled else []
    other = f"  {score.other:+6.1f}  other"
    return [f"{total} = base {score.base_points:g}", *_apart(score), *_weighed(score), other, *off]


def _apart(score: Score) -> list[str]:
    """Return fit and engagement as the two numbers they are, the trend, and whose score it is."""
    told = (
        _part("fit", score.fit, score.fit_grade),
        _part("engagement", score.engagement, score.engagement_grade),
        f"{score.trend:+g} in 30 days" if score.trend else "",
        f"model {score.model_version}" if score.model_version else "",
    )
    words = " · ".join(filter(None, told))
    return [f"  {words}"] if words else []


def _part(name: str, points: float | None, grade: str) -> str:
    if points is None:
        return ""
    return f"{name} {points:g} ({grade})" if grade else f"{name} {points:g}"


def _weighed(score: Score) -> list[str]:
    lines = []
    for block in score.blocks():
        if block.group is not None:
            applied, earned = block.group.points_applied, block.group.points_before_cap
            lines.append(f"  {applied:+6.1f}  {block.group.name} (earned {earned:g}), of which")
        indent = "  " if block.group is not None else ""
        lines += [
            f"  {indent}{part.points_applied:+6.1f}  {part.label}{_taken(part)}{_on(part)}"
            for part in block.parts
        ]
    return lines


def _on(part: Contribution) -> str:
    """Say what a contribution rests on, and when that was."""
    evidence = part.evidence if part.evidence != part.label else ""
    when = f"{part.occurred_at.astimezone():%-d %b}" if part.occurred_at else ""
    return "".join(f" · {text}" for text in (evidence, when) if text)


def _taken(part: Contribution) -> str:
    """Say what age and cap took of a contribution."""
    if not part.is_decayed:
        return f" (earned {part.points_earned:g})" if part.is_capped else ""
    capped = ", capped" if part.is_capped else ""
    return f" ({part.points_earned:+g} → {part.points_before_cap:+g} by age{capped})"
