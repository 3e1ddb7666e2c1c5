"""What a rep told marketing, in human words and one line. Pure; what a CRM or a rep said stays raw in it."""

from __future__ import annotations

from triage.domain.act import Act
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.reasons import ReasonBook
from triage.domain.reviewing import Matter

_TELLS = {
    FeedbackType.OBJECTION: ("category", "competitor"),
    FeedbackType.QUESTION_HEARD: ("question",),
    FeedbackType.CONTENT_REQUEST: ("topic", "asset_type", "request_id"),
    FeedbackType.DATA_CORRECTION: ("field",),
    FeedbackType.MESSAGE_MISMATCH: ("expected",),
    FeedbackType.KUDOS: ("comment",),
    FeedbackType.NOTE: ("text",),
    FeedbackType.WIN_REASON: ("reason",),
}
"""The fields that say what a piece of feedback is about."""
_CALLED = {
    FeedbackType.QUESTION_HEARD: "question",
    FeedbackType.CONTENT_REQUEST: "content wanted",
    FeedbackType.DATA_CORRECTION: "wrong data",
    FeedbackType.DEFINITION_DISPUTE: "definition disputed",
    FeedbackType.KUDOS: "thanks",
    FeedbackType.WIN_REASON: "won because",
}


def words_of(matter: Matter, reasons: ReasonBook, definition: Definition) -> str:
    """Return what it says: "reject: wrong role or level · manager or above", "score too high: title"."""
    if matter.is_decision:
        label = _label(reasons, matter.what, matter.reason)
        said = f"{matter.what}: {label}" if label else matter.what
        line = criterion_label(definition, matter.criterion)
        return f"{said} · {line}" if line else said
    if matter.what == FeedbackType.SCORE_ACCURACY:
        verdict, part = str(matter.details.get("verdict") or ""), matter.details.get("contribution")
        return f"score {verdict.replace('_', ' ')}{f': {part}' if part else ''}"
    if matter.what == FeedbackType.DEFINITION_DISPUTE:
        told = criterion_label(definition, matter.criterion) or str(matter.details.get("proposal") or "")
    else:
        told = _told(matter)
    called = _CALLED.get(FeedbackType(matter.what)) if matter.what in list(FeedbackType) else None
    name = called or matter.what.replace("_", " ")
    return f"{name}: {told}" if told else name


def _told(matter: Matter) -> str:
    known = matter.what in list(FeedbackType)
    fields = _TELLS.get(FeedbackType(matter.what), ()) if known else ()
    said = [str(matter.details[name]) for name in fields if matter.details.get(name)]
    if matter.what == FeedbackType.OBJECTION:
        said = [part.replace("_", " ") for part in said]
    return " · ".join(said)


def criterion_label(definition: Definition, criterion_id: str) -> str:
    """Return a line of the definition in its words; its id where this version has none such."""
    lines = (*definition.criteria, *definition.sql_criteria)
    found = next((line.label for line in lines if line.criterion_id == criterion_id), "")
    return found or criterion_id


def reason_label(matter: Matter, reasons: ReasonBook) -> str:
    """Return a reason by its label, feedback by its type, for counting."""
    if matter.is_decision:
        return _label(reasons, matter.what, matter.reason)
    return matter.what.replace("_", " ")


def _label(reasons: ReasonBook, act: str, code: str) -> str:
    return reasons.label(Act(act), code) if act in list(Act) else code
