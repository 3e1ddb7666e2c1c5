"""How acts are listed: when, how long it took, what, about whom, and how far it is on its way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from rich.style import Style

from screens.cells import Line, crop, fit, say, width_of
from screens.ink import Ink
from screens.reading import Block
from screens.words import SENT, clock, counted, told_words
from triage.desk.history import Deed, Fate, Stretch, Tally, clock_words
from triage.domain.act import Act
from triage.domain.item import NEEDS_REP, Item, State
from triage.domain.lead import LeadId

_GRAVEST = (
    State.CONFLICT,
    State.REFUSED,
    State.UNKNOWN,
    State.SENDING,
    State.QUEUED,
    State.APPLIED,
    State.REVIEWED,
)
_WORDS = {State.APPLIED: "sent", State.REVIEWED: "reviewed"}
_ENDED = {Fate.UNDONE: "– undone", Fate.REPLACED: "– decided again"}
_NARROW, _WIDE = 70, 110
_WHAT_NARROW, _WHAT, _WHAT_WIDE = 22, 27, 34
_STATE = 11
Name = Callable[[LeadId], str]


class Listing(Struct, frozen=True):
    """The acts of a day, the present session's first."""

    session: Stretch
    earlier: Stretch
    name: Name
    """The name of a lead, as it may be drawn."""
    unsent: int = 0

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """All of them, the newest first."""
        return (*self.session.deeds, *self.earlier.deeds)

    def blocks(self, width: int, ink: Ink) -> list[Block]:
        """Return a line for each act, in so many cells."""
        return [
            *self._part("", self.session.deeds, width, ink),
            *self._part("Earlier today", self.earlier.deeds, width, ink),
        ]

    def _part(self, heading: str, deeds: Sequence[Deed], width: int, ink: Ink) -> Iterator[Block]:
        for index, deed in enumerate(deeds):
            over = (Line(), Line(heading, ink.dim)) if heading and not index else ()
            yield Block((deed_line(deed, self.name, width, ink),), over)


def head_line(tally: Tally, unsent: int, width: int, ink: Ink) -> Line:
    """Return what a session adds up to: only what was measured."""
    line = Line(" History", ink.accent).add("  ", ink.text)
    if not tally.leads and not tally.told:
        return line.add("nothing decided in this session yet", ink.dim)
    parts = [f"{counted(tally.leads, 'lead')} in {clock_words(tally.took)}"]
    parts += [f"{count} {act.done}" for act, count in _by_count(tally)]
    parts += [f"{tally.told} told"] if tally.told else []
    parts += [f"{unsent} unsent"] if unsent else []
    if tally.median_seconds is not None:
        parts.append(f"median {seconds_words(tally.median_seconds)}")
    line.add(crop(parts[0], width - line.width - 1), ink.text)
    for part in parts[1:]:
        if line.width + width_of(part) + 4 <= width:  # what there is no room for is left out, not cut
            line.add(" · ", ink.faint).add(part, ink.text)
    return line


def _by_count(tally: Tally) -> list[tuple[Act, int]]:
    return sorted(tally.acts.items(), key=lambda one: -one[1])


def deed_line(deed: Deed, name: Name, width: int, ink: Ink) -> Line:
    """Return one act on one line of at most so many cells."""
    state, style = state_words(deed, ink)
    text = ink.text if deed.fate is Fate.STANDS else ink.dim
    what = _WHAT_WIDE if width >= _WIDE else _WHAT if width >= _NARROW else _WHAT_NARROW
    line = Line(f"{clock(deed.made_at)}  ", ink.dim)
    if width >= _NARROW:
        seconds = "" if deed.seconds is None else seconds_words(deed.seconds)
        line.add(f"{seconds:>6}  ", ink.dim)
    line.add(fit(what_words(deed), what), text).add("  ", text)
    room = width - line.width - max(width_of(state), _STATE) - 1
    line.add(fit(who_words(deed, name), max(room, 1)), text)
    return line.add(" ", text).add(state, style)


def what_words(deed: Deed) -> str:
    """Return what was done: "rejected NOT_A_BUYER", "score too high"."""
    first = deed.first
    if first.decision is not None:
        reason = f" {say(first.decision.reason)}" if first.decision.reason else ""
        return f"{first.decision.act.done}{reason}"
    return told_words(first.feedback) if first.feedback else ""


def who_words(deed: Deed, name: Name) -> str:
    """Return about whom it was: a name, or how many and the first of them."""
    count, standing = len(deed.items), len(deed.standing)
    if count == 1:
        return name(deed.lead_ids[0])
    left = f"{standing} of {count}" if 0 < standing < count else str(count)
    return f"{left} leads: {', '.join(name(lead_id) for lead_id in deed.lead_ids[:3])}"


def state_words(deed: Deed, ink: Ink) -> tuple[str, Style]:
    """Return how far it is: of many the gravest state, with how many are in it."""
    if deed.fate is not Fate.STANDS:
        return _ENDED[deed.fate], ink.dim
    states = [item.state for item in deed.standing]
    gravest = min(states, key=_GRAVEST.index)
    among = states.count(gravest)
    number = f"{among} " if among < len(states) else ""
    style = ink.bad if gravest in NEEDS_REP else ink.dim
    return f"{SENT[gravest]} {number}{_WORDS.get(gravest, gravest.value)}", style


def item_words(item: Item) -> str:
    """Return how far one item of a bulk act is."""
    return f"{SENT.get(item.state, '')} {_WORDS.get(item.state, item.state.value)}".strip()


def seconds_words(seconds: float) -> str:
    """Return how long something took: 7.2 s, and from a minute on 1:05."""
    minute = 60
    return f"{seconds:.1f} s" if seconds < minute else f"{int(seconds) // minute}:{int(seconds) % minute:02}"
