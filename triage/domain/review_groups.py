"""What waits for marketing, put together: groups that one answer fits, counts by a facet, a sieve. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from triage.domain.reviewing import NEVER, Matter, Standing


class Facet(StrEnum):
    """What decisions and feedback can be counted by."""

    CAMPAIGN = "campaign"
    SOURCE = "source"
    REASON = "reason"
    CRITERION = "criterion"
    REP = "rep"

    def of(self, matter: Matter) -> str:
        """Return a matter's value; empty: it has none, or the CRM does not say."""
        return _VALUES[self](matter)


_VALUES: Mapping[Facet, Callable[[Matter], str]] = {
    Facet.CAMPAIGN: lambda one: one.campaign,
    Facet.SOURCE: lambda one: one.source,
    Facet.REASON: lambda one: one.reason,
    Facet.CRITERION: lambda one: one.criterion,
    Facet.REP: lambda one: one.rep,
}


class Wanted(StrEnum):
    """Which of them are looked at, by how they stand."""

    OPEN = "open"
    """Not answered, overdue ones included."""
    OVERDUE = "overdue"
    ANSWERED = "answered"
    ALL = "all"

    def holds(self, standing: Standing) -> bool:
        """Whether something that stands so is looked at."""
        if self is Wanted.ALL:
            return True
        if self is Wanted.OPEN:
            return standing is not Standing.ANSWERED
        return standing.value == self.value


class Sieve(Struct, frozen=True):
    """What is looked at; what is not asked for does not narrow."""

    wanted: Wanted = Wanted.ALL
    facets: Mapping[Facet, str] = {}
    changed_since: datetime | None = None
    """New or answered since."""
    said_since: datetime | None = None
    mine: tuple[str, ...] = ()
    """The names and ids by which somebody's own are known; empty: everybody's."""

    def holds(self, matter: Matter) -> bool:
        """Whether a matter is looked at. Facets are compared whole, whatever the case."""
        return (
            self.wanted.holds(matter.standing)
            and all(_same(facet.of(matter), value) for facet, value in self.facets.items())
            and (self.changed_since is None or matter.changed_at > self.changed_since)
            and (self.said_since is None or (matter.at or NEVER) >= self.said_since)
            and (not self.mine or matter.is_of(self.mine))
        )

    def sift(self, matters: Iterable[Matter]) -> tuple[Matter, ...]:
        """Return what is looked at, in the order given."""
        return tuple(one for one in matters if self.holds(one))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


class Group(Struct, frozen=True, dict=True):
    """Some matters that belong together, the oldest first, and what is counted of them."""

    key: str
    """The group's key; of a facet its value."""
    matters: tuple[Matter, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.matters)

    @cached_property
    def standings(self) -> Counter[Standing]:
        """How many stand how."""
        return Counter(one.standing for one in self.matters)

    @property
    def overdue(self) -> int:
        """How many should have been answered."""
        return self.standings[Standing.OVERDUE]

    @property
    def answered(self) -> int:
        """How many were answered."""
        return self.standings[Standing.ANSWERED]

    @property
    def unanswered(self) -> tuple[Matter, ...]:
        """Those that wait, overdue ones included."""
        return tuple(one for one in self.matters if not one.is_answered)

    @cached_property
    def oldest(self) -> datetime | None:
        """When the first was said."""
        return min((one.at for one in self.matters if one.at is not None), default=None)

    @cached_property
    def next_due(self) -> datetime | None:
        """When the next answer is due, of those that wait; past where one is overdue."""
        return min((one.due_at for one in self.unanswered if one.due_at is not None), default=None)

    @cached_property
    def accounts(self) -> int:
        """How many distinct accounts they are about."""
        return len({one.account.casefold() for one in self.matters if one.account})

    def values(self, facet: Facet) -> tuple[str, ...]:
        """Return the distinct values of a facet, the most frequent first; unknown ones are left out."""
        counts = Counter(value for one in self.matters if (value := facet.of(one)))
        return tuple(value for value, _count in counts.most_common())

    @cached_property
    def leads(self) -> int:
        """How many distinct leads they are about."""
        return len({one.item.lead_id for one in self.matters})


def groups_of(matters: Iterable[Matter]) -> tuple[Group, ...]:
    """Return what one answer fits, what has most overdue first, then the largest, then the oldest."""
    return _sorted(_gathered(matters, lambda one: one.group))


def counted_by(facet: Facet, matters: Iterable[Matter]) -> tuple[Group, ...]:
    """Return matters by a facet, in the same order; the key is the value, empty where it is not known."""
    return _sorted(_gathered(matters, facet.of))


def _gathered(matters: Iterable[Matter], key: Callable[[Matter], str]) -> list[Group]:
    found: dict[str, list[Matter]] = {}
    for one in matters:
        found.setdefault(key(one), []).append(one)
    return [Group(name, tuple(several)) for name, several in found.items()]


def _sorted(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda one: (-one.overdue, -one.count, one.oldest or NEVER, one.key)))
