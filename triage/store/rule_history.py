"""The rules as they were seen, in the cache of leads: what is in force, and the last versions before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook
from triage.domain.rule_history import (
    RuleHistory,
    SeenDefinition,
    SeenModel,
    SeenReasons,
    after_scoring,
    after_seeing,
)
from triage.domain.rule_marks import mark
from triage.store.leads import Leads
from triage.store.rows import value_document, value_of

DEFINITION, REASONS = "definition", "reasons"
_DEFINITIONS, _BOOKS, _MODELS = "definitions_seen", "reasons_seen", "models_seen"
LAST = "rules_last_seen"
"""The marks of the newest, so that nobody has to read the others to know whether there is a newer one."""
_T = TypeVar("_T")


def history_of(leads: Leads) -> RuleHistory:
    """Return what was seen."""
    return RuleHistory(
        leads.rule(_DEFINITIONS, tuple[SeenDefinition, ...]) or (),
        leads.rule(_BOOKS, tuple[SeenReasons, ...]) or (),
        models_of(leads),
    )


def models_of(leads: Leads) -> tuple[SeenModel, ...]:
    """Return the score models that were seen."""
    return leads.rule(_MODELS, tuple[SeenModel, ...]) or ()


def remember(leads: Leads, fetched: Mapping[str, object], now: datetime) -> bool:
    """Keep fetched rules, and what they take the place of; says whether any is another now. One record."""
    history = history_of(leads)
    definitions, books = history.definitions, history.reasons
    for definition in (leads.rule(DEFINITION, Definition), _kept(fetched.get(DEFINITION), Definition)):
        if definition is not None:
            definitions = after_seeing(definitions, SeenDefinition(definition, now))
    for book in (leads.rule(REASONS, ReasonBook), _kept(fetched.get(REASONS), ReasonBook)):
        if book is not None:
            books = after_seeing(books, SeenReasons(book, now))
    return leads.remember_rules({**fetched, **_documents(RuleHistory(definitions, books, history.models))})


def with_those_in_force(
    history: RuleHistory, definition: Definition, book: ReasonBook, now: datetime
) -> RuleHistory:
    """Return what was seen, with these rules as the newest: a file gives them where the CRM holds none."""
    return RuleHistory(
        after_seeing(history.definitions, SeenDefinition(definition, now)),
        after_seeing(history.reasons, SeenReasons(book, now)),
        history.models,
    )


def remember_in_force(leads: Leads, definition: Definition, book: ReasonBook, now: datetime) -> None:
    """Keep rules that no fetch brought."""
    leads.remember_rules(_documents(with_those_in_force(history_of(leads), definition, book, now)))


def remember_models(leads: Leads, models: Iterable[SeenModel]) -> None:
    """Keep the score models that are not known yet."""
    seen = after_scoring(models_of(leads), models)
    last = {**(leads.note(LAST) or {}), "models": [one.version for one in seen]}
    leads.remember_rules({_MODELS: seen, LAST: last})


def _kept(rules: object, kind: type[_T]) -> _T | None:
    """Return rules as they will be read again: a mark must not tell 20 from 20.0."""
    return None if rules is None else value_of(value_document(rules), kind)


def _documents(history: RuleHistory) -> dict[str, object]:
    last = {
        "definition": mark(history.definitions[-1].rules) if history.definitions else "",
        "reasons": mark(history.reasons[-1].rules) if history.reasons else "",
        "models": [one.version for one in history.models],
    }
    return {_DEFINITIONS: history.definitions, _BOOKS: history.reasons, LAST: last}
