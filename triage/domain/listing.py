"""The ids on a list as a value: taking one out of fifty thousand copies a stretch of them, not all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, filterfalse
from operator import eq
from typing import overload

from triage.domain.lead import LeadId

_STRETCH = 512
"""Ids in a stretch, up to twice as many after some were put in."""


class Listing(Sequence[LeadId]):
    """Ids in order. Never changes; a slice of it is a tuple."""

    __slots__ = ("_starts", "_stretches")

    def __init__(self, ids: Iterable[LeadId] = ()) -> None:
        whole = tuple(ids)
        self._hold([whole[at : at + _STRETCH] for at in range(0, len(whole), _STRETCH)])

    def _hold(self, stretches: list[tuple[LeadId, ...]]) -> None:
        self._stretches = stretches
        self._starts = [0, *accumulate(map(len, stretches))]
        """Where each begins, and behind them how many ids there are."""

    def without(self, index: int) -> Listing:
        """Return it without the id at an index."""
        number, within = self._place(index)
        stretch = self._stretches[number]
        left = (*stretch[:within], *stretch[within + 1 :])
        return self._changed(number, (left,) if left else ())

    def without_all(self, lead_ids: set[LeadId]) -> Listing:
        """Return it without some ids, whether they are on it or not."""
        gone = lead_ids.__contains__
        cut = (one if lead_ids.isdisjoint(one) else tuple(filterfalse(gone, one)) for one in self._stretches)
        made = Listing()
        made._hold([stretch for stretch in cut if stretch])
        return made

    def inserted(self, index: int, lead_id: LeadId) -> Listing:
        """Return it with one more id, which comes before that at an index, or last."""
        if not self._stretches:
            return Listing((lead_id,))
        number, within = self._place(min(index, len(self) - 1))
        within += index >= len(self)
        stretch = self._stretches[number]
        grown = (*stretch[:within], lead_id, *stretch[within:])
        is_long = len(grown) > 2 * _STRETCH
        return self._changed(number, (grown[:_STRETCH], grown[_STRETCH:]) if is_long else (grown,))

    def _changed(self, number: int, by: tuple[tuple[LeadId, ...], ...]) -> Listing:
        made = Listing()
        made._hold([*self._stretches[:number], *by, *self._stretches[number + 1 :]])
        return made

    def _place(self, index: int) -> tuple[int, int]:
        """Return in which stretch an index from 0 is, and where in it."""
        number = bisect_right(self._starts, index) - 1
        return number, index - self._starts[number]

    @overload
    def __getitem__(self, index: int) -> LeadId: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[LeadId, ...]: ...
    def __getitem__(self, index: int | slice) -> LeadId | tuple[LeadId, ...]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._cut(start, stop) if step == 1 else tuple(self)[index]
        length = self._starts[-1]
        here = index + length if index < 0 else index
        if not 0 <= here < length:
            raise IndexError(index)
        number, within = self._place(here)
        return self._stretches[number][within]

    def _cut(self, start: int, stop: int) -> tuple[LeadId, ...]:
        if start >= stop:
            return ()
        first, at = self._place(start)
        last, _ = self._place(stop - 1)
        return tuple(chain.from_iterable(self._stretches[first : last + 1]))[at : at + stop - start]

    def __iter__(self) -> Iterator[LeadId]:
        return chain.from_iterable(self._stretches)

    def __len__(self) -> int:
        return self._starts[-1]

    def __eq__(self, other: object) -> bool:
        """Whether the same ids stand in the same order, in a list of any kind."""
        if isinstance(other, (Listing, tuple, list)):
            return self is other or (len(self) == len(other) and all(map(eq, self, other)))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as a list: it is compared, and never looked up

    def __repr__(self) -> str:
        return f"Listing({list(self)!r})"
