"""What a rep did in a stretch of time, act by act, and what that adds up to. Pure: made of items alone.

Must never count what was not measured: how long a lead was looked at is known only where the app saw it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from triage.domain.act import Act
from triage.domain.item import Item, State
from triage.domain.lead import LeadId

_SETTLED = frozenset({State.WITHDRAWN, State.SUPERSEDED})


class Fate(StrEnum):
    """What became of an act here, whatever its way to the CRM."""

    STANDS = "stands"
    UNDONE = "undone"
    REPLACED = "replaced"
    """Every lead of it was decided again."""


class Deed(Struct, frozen=True):
    """One act of the rep's: a decision or a feedback, on one lead or on many at once."""

    items: tuple[Item, ...]
    """In the order of the outbox; one at least."""
    standing: tuple[Item, ...] = ()
    """Those that were neither undone nor replaced."""
    fate: Fate = Fate.STANDS

    @property
    def first(self) -> Item:
        """The item that says what the act was."""
        return self.items[0]

    @property
    def made_at(self) -> datetime:
        """When the rep acted."""
        return self.first.made_at

    @property
    def begun_at(self) -> datetime:
        """When the lead in front came on the screen; where that is not known, when the rep acted."""
        seen = [
            item.decision.snapshot.shown.since
            for item in self.items
            if item.decision is not None and item.decision.snapshot.shown.since is not None
        ]
        return min([*seen, self.made_at])

    @property
    def seconds(self) -> float | None:
        """How long the lead in front was looked at; None where the app did not see it."""
        dwell = (item.decision.snapshot.shown.dwell_ms for item in self.items if item.decision is not None)
        return next((milliseconds / 1000 for milliseconds in dwell if milliseconds is not None), None)

    @property
    def lead_ids(self) -> tuple[LeadId, ...]:
        """The leads it reached."""
        return tuple(item.lead_id for item in self.items)


class Tally(Struct, frozen=True):
    """What the acts of a stretch add up to."""

    leads: int = 0
    """Leads with a decision that stands."""
    acts: Mapping[Act, int] = field(default_factory=dict)
    """Of these, how many by which act."""
    told: int = 0
    """Pieces of feedback that stand."""
    took: timedelta = timedelta()
    """From the first lead's coming on the screen to the last act."""
    median_seconds: float | None = None
    """How long a lead was looked at before it was decided, in the middle; None where nothing was measured."""

    def closing_words(self, unsent: int, needing: int = 0) -> str:
        """Say it in one line for the shell, with what is left; empty where nothing was done."""
        if not self.leads and not self.told:
            return ""
        parts = [f"{self._subject()} in {clock_words(self.took)}"]
        if self.leads:
            parts.append(f"{self.acts.get(Act.ACCEPT, 0)} accepted")
            parts += [f"{self.told} told to marketing"] if self.told else []
        parts.append(f"{unsent} unsent")
        parts += [f"{needing} in conflict or refused"] if needing else []
        if unsent:
            return f"{', '.join(parts)}: `triage sync` sends {'it' if unsent == 1 else 'them'}."
        return f"{', '.join(parts)}{': `triage queue` shows why' if needing else ''}."

    def _subject(self) -> str:
        if self.leads:
            return "1 lead" if self.leads == 1 else f"{self.leads:,} leads"
        return f"{self.told} told to marketing"


class Stretch(Struct, frozen=True):
    """The acts since a moment, the newest first."""

    deeds: tuple[Deed, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Item], since: datetime) -> Stretch:
        """Gather items into acts: those of one bulk act are one. An undo is no act, it ends one."""
        items = tuple(items)
        taken_back = {item.takes_back for item in items if item.state not in _SETTLED and item.takes_back}
        replaced = {item.decision.supersedes for item in items if item.decision and not item.takes_back}
        groups: dict[str, list[Item]] = {}
        for item in items:
            if item.takes_back is None and item.made_at >= since:
                groups.setdefault(item.batch_id or item.id, []).append(item)
        deeds = [_deed(tuple(group), taken_back, replaced) for group in groups.values()]
        return cls(tuple(sorted(deeds, key=lambda deed: deed.first.seq, reverse=True)))

    def after(self, moment: datetime) -> Stretch:
        """Return the part of it since a later moment."""
        return Stretch(tuple(deed for deed in self.deeds if deed.made_at >= moment))

    def before(self, moment: datetime) -> Stretch:
        """Return the part of it before a moment."""
        return Stretch(tuple(deed for deed in self.deeds if deed.made_at < moment))

    def tally(self) -> Tally:
        """Add it up; what was undone counts in no number, but its time was spent."""
        standing = [item for deed in self.deeds for item in deed.standing]
        last = {item.lead_id: item.decision.act for item in reversed(standing) if item.decision is not None}
        seconds = [deed.seconds for deed in self.deeds if deed.standing and deed.seconds is not None]
        moments = [deed.made_at for deed in self.deeds]
        took = max(moments) - min(deed.begun_at for deed in self.deeds) if moments else timedelta()
        return Tally(
            leads=len(last),
            acts=Counter(last.values()),
            told=sum(item.feedback is not None for item in standing),
            took=took,
            median_seconds=_median(seconds) if seconds else None,
        )


def _median(numbers: list[float]) -> float:
    from statistics import median  # noqa: PLC0415 - it takes a millisecond to load, and only a summary asks

    return median(numbers)


def clock_words(span: timedelta) -> str:
    """Return a span as a stopwatch shows it: 0:07, 9:40, 1:02:05."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _deed(
    items: tuple[Item, ...], taken_back: Collection[str | None], replaced: Collection[str | None]
) -> Deed:
    standing = tuple(item for item in items if item.state not in _SETTLED and item.id not in taken_back)
    if standing:
        return Deed(items, standing)
    return Deed(items, (), Fate.REPLACED if all(item.id in replaced for item in items) else Fate.UNDONE)
