"""The versions of the rules that were seen here, the newest last: so that what changed can be said. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from triage.domain.definition import Definition
from triage.domain.reasons import ReasonBook
from triage.domain.rule_marks import mark

KEPT = 8
"""Versions of each that are kept."""


class SeenDefinition(Struct, frozen=True):
    """A definition, and since when it was seen here."""

    rules: Definition
    since: datetime


class SeenReasons(Struct, frozen=True):
    """Reason codes, and since when they were seen here."""

    rules: ReasonBook
    since: datetime


class SeenModel(Struct, frozen=True):
    """A score model, and how many leads changed their band when they first came with it."""

    version: str
    since: datetime
    leads: int = 0
    """Leads that were here before they came with this model's score."""
    moved: int = 0
    """Those among them whose band is another."""


class RuleHistory(Struct, frozen=True):
    """What was in force, the newest last."""

    definitions: tuple[SeenDefinition, ...] = ()
    reasons: tuple[SeenReasons, ...] = ()
    models: tuple[SeenModel, ...] = ()

    def definition(self, version: str) -> SeenDefinition | None:
        """Return the newest definition of this version, or None."""
        return next((one for one in reversed(self.definitions) if one.rules.version == version), None)

    def marked_definition(self, marked: str) -> Definition | None:
        """Return the definition with this mark, or None."""
        return next((one.rules for one in self.definitions if mark(one.rules) == marked), None)

    def marked_reasons(self, marked: str) -> ReasonBook | None:
        """Return the reason codes with this mark, or None."""
        return next((one.rules for one in self.reasons if mark(one.rules) == marked), None)


_Seen = TypeVar("_Seen", bound=SeenDefinition | SeenReasons)


def after_seeing(seen: tuple[_Seen, ...], one: _Seen) -> tuple[_Seen, ...]:
    """Return what was seen with one more, unless it is the last; what comes again moves to the end."""
    marked = mark(one.rules)
    if seen and mark(seen[-1].rules) == marked:
        return seen
    return (*(old for old in seen if mark(old.rules) != marked), one)[-KEPT:]


def after_scoring(seen: tuple[SeenModel, ...], models: Iterable[SeenModel]) -> tuple[SeenModel, ...]:
    """Return the models with those that are not among them yet; a fetch that goes on counts on."""
    counted = {(one.version, one.since): one for one in models}
    known = {one.version for one in seen}
    counting = tuple(counted.get((one.version, one.since), one) for one in seen)
    return (*counting, *(one for one in counted.values() if one.version not in known))[-KEPT:]
