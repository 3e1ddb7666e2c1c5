"""Naming another lead of the rep's own: by a part of its name, company or address, else by its id. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest

from msgspec import Struct

from screens.asking.pick import Pick
from screens.asking.questions import Option
from screens.asking.ways_out import says
from screens.cells import say
from triage.domain.inbox import Entry
from triage.domain.lead import LeadId
from triage.domain.outline import Outline

SHOWN = 50
"""Leads that are listed at most."""
_SHORTEST_ID = 3


def lead_question(
    title: str, entries: Iterable[Entry], about: Sequence[Outline], keymap: Mapping[str, str]
) -> Pick:
    """Return the choice of the lead that is the same person as one of `about`."""
    shelf = Shelf([entry.outline for entry in entries], about)
    takes = says("keep", "takes", keymap)
    nothing = f"None of your leads is called that. {takes} it as the id of another one."
    return Pick(title, shelf.find, nothing=nothing, otherwise=_as_id)


def _as_id(text: str) -> LeadId | None:
    return LeadId(text) if len(text) >= _SHORTEST_ID and " " not in text else None


class _Spine(Struct, frozen=True):
    """One lead, as it is looked for."""

    name: str
    words: str
    outline: Outline


class Shelf:
    """The rep's leads, ready to be looked through; without those that are asked about."""

    def __init__(self, outlines: Iterable[Outline], about: Sequence[Outline]) -> None:
        left_out = {one.lead_id for one in about}
        self._about = about[0] if len(about) == 1 else None
        self._spines = [_spine(one) for one in outlines if one.lead_id not in left_out]
        self._by_id = {spine.outline.lead_id.casefold(): spine for spine in self._spines}

    def find(self, text: str) -> Sequence[Option]:
        """Return the leads that hold every word, those whose name begins so first; likely ones for none."""
        typed = " ".join(text.casefold().split())
        words = typed.split()
        if not words:
            return [_option(spine) for spine in self._likely()]
        known = self._by_id.get(typed)
        matching = (spine for spine in self._spines if all(word in spine.words for word in words))
        ranked = nsmallest(SHOWN, matching, key=lambda spine: (_rank(spine, typed), spine.name))
        return [_option(spine) for spine in ([known] if known is not None else ranked)]

    def _likely(self) -> list[_Spine]:
        """Return those that share address, last name or company with the lead asked about."""
        if self._about is None:
            return []
        about = _spine(self._about)
        last, company = about.name.rpartition(" ")[2], self._about.company.casefold()
        liked = ((_likeness(spine, about, last, company), spine) for spine in self._spines)
        best = nsmallest(9, ((like, spine.name, spine) for like, spine in liked if like < 0), key=_before)
        return [spine for _like, _name, spine in best]


def _before(ranked: tuple[int, str, _Spine]) -> tuple[int, str]:
    return ranked[:2]


def _likeness(spine: _Spine, about: _Spine, last: str, company: str) -> int:
    """Return how much two leads are alike, as a number below 0; 0: not at all."""
    same_address = (
        bool(about.outline.email) and spine.outline.email.casefold() == about.outline.email.casefold()
    )
    same_name = bool(last) and spine.name.rpartition(" ")[2] == last
    same_person = bool(about.name) and spine.name == about.name
    same_company = bool(company) and spine.outline.company.casefold() == company
    return -(8 * same_address + 4 * same_person + 2 * same_name + same_company)


def _rank(spine: _Spine, typed: str) -> int:
    if spine.name.startswith(typed):
        return 0
    return 1 if f" {typed}" in spine.name else 2


def _spine(outline: Outline) -> _Spine:
    name = say(outline.name).casefold()
    return _Spine(name, f"{name} {say(outline.company)} {say(outline.email)}".casefold(), outline)


def _option(spine: _Spine) -> Option:
    one = spine.outline
    about = (say(part) for part in (one.company, one.title, one.email) if part)
    return Option("", say(one.name) or say(one.email) or say(one.lead_id), one.lead_id, " · ".join(about))


def names_of(entries: Collection[Entry], limit: int) -> list[str]:
    """Return leads as a preview lists them, and how many more there are."""
    lines = [_listed(entry.outline) for entry in list(entries)[:limit]]
    more = len(entries) - len(lines)
    return [*lines, f"and {more} more"] if more > 0 else lines


def _listed(outline: Outline) -> str:
    return " · ".join(say(part) for part in (outline.name, outline.title, outline.company) if part)
