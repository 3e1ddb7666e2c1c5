"""What is new about the rules since the rep last put such news away; or that their review is due. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook
from triage.domain.rule_changes import Change, definition_changes, reason_changes
from triage.domain.rule_history import RuleHistory, SeenModel
from triage.domain.rule_marks import Marks, mark, review_mark, version_of

_Rules = TypeVar("_Rules", Definition, ReasonBook)


class Step(Struct, frozen=True):
    """From one version to the next."""

    before: str
    after: str
    changes: tuple[Change, ...] = ()
    is_known: bool = True
    """Whether the one before is still here, so that the changes are all there are."""

    @property
    def is_silent(self) -> bool:
        """Whether the rules changed and their number did not."""
        return self.before == self.after


class RuleNews(Struct, frozen=True):
    """What the rep has not put away yet."""

    marks: Marks
    """What putting it away remembers."""
    definition: Step | None = None
    reasons: Step | None = None
    models: tuple[SeenModel, ...] = ()
    review: Definition | None = None
    """The definition whose review date has passed, where nothing changed."""


def marks_of(definition: Definition, reasons: ReasonBook, models: tuple[SeenModel, ...]) -> Marks:
    """Return the marks of rules; no review is put away by them."""
    return Marks(mark(definition), mark(reasons), tuple(one.version for one in models))


def review_is_due(definition: Definition, now: datetime) -> bool:
    """Whether the day has passed on which both teams wanted to look at it again."""
    return definition.review_due is not None and definition.review_due < now


def news(
    known: Marks, definition: Definition, reasons: ReasonBook, history: RuleHistory, now: datetime
) -> RuleNews | None:
    """Return what is new to someone who knows the marked rules; None if nothing is."""
    marks = marks_of(definition, reasons, history.models)
    step = _definition_step(known.definition, definition, history)
    codes = _reasons_step(known.reasons, reasons, history)
    models = tuple(one for one in history.models if one.version not in known.models)
    review = review_mark(definition)
    if step or codes or models:
        return RuleNews(_with(marks, known.review), step, codes, models)
    if review_is_due(definition, now) and review != known.review:
        return RuleNews(_with(marks, review), review=definition)
    return None


def _with(marks: Marks, review: str) -> Marks:
    return Marks(marks.definition, marks.reasons, marks.models, review)


def _definition_step(known: str, now: Definition, history: RuleHistory) -> Step | None:
    if known in ("", mark(now)):
        return None
    before = history.marked_definition(known)
    changes = definition_changes(before, now) if before is not None else ()
    return _step(known, now.version, changes, is_known=before is not None)


def _reasons_step(known: str, now: ReasonBook, history: RuleHistory) -> Step | None:
    if known in ("", mark(now)):
        return None
    before = history.marked_reasons(known)
    changes = reason_changes(before, now) if before is not None else ()
    return _step(known, now.version, changes, is_known=before is not None)


def _step(known: str, after: str, changes: tuple[Change, ...], *, is_known: bool) -> Step | None:
    """Return a step if it says anything: other bytes with the same number and meaning are no news."""
    before = version_of(known)
    return Step(before, after, changes, is_known) if changes or before != after else None


def model_words(model: SeenModel) -> str:
    """Say what a score model did to the leads that were here: "30 of 120 leads changed their band"."""
    since = f"score model {model.version} since {model.since.astimezone():%-d %b}"
    if not model.leads:
        return since
    noun = "lead" if model.leads == 1 else "leads"
    return f"{since}: {model.moved} of {model.leads} {noun} changed band"


class PastStep(Struct, frozen=True):
    """A step that was taken while this profile looked on."""

    of_definition: bool
    """Of the definition, else of the reason codes."""
    step: Step
    since: datetime


def steps_of(history: RuleHistory) -> tuple[PastStep, ...]:
    """Return how the rules came to be as they are, the newest step first."""
    agreed = [
        PastStep(of_definition=True, step=_past(old.rules, new.rules, definition_changes), since=new.since)
        for old, new in pairwise(history.definitions)
    ]
    coded = [
        PastStep(of_definition=False, step=_past(old.rules, new.rules, reason_changes), since=new.since)
        for old, new in pairwise(history.reasons)
    ]
    newest_first = (*agreed[::-1], *coded[::-1])
    return tuple(sorted(newest_first, key=lambda one: one.since, reverse=True))


def _past(old: _Rules, new: _Rules, changes: Callable[[_Rules, _Rules], tuple[Change, ...]]) -> Step:
    return Step(old.version, new.version, changes(old, new))
