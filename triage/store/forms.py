"""Items written down before their moment is known: their JSON, with blanks for what is known only then.

Owns the blanks: when the rep acted, when the item is due and was changed, and how its lead was shown. Must
never fill in a form for an item that says anything else: whoever asks for one gives the same item again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from triage.domain.decision import Shown
from triage.domain.item import Item
from triage.store.packed import Packed
from triage.store.rows import item_json

_DUE, _DECIDED, _CHANGED = (datetime(9999, 12, day, 23, 59, tzinfo=UTC) for day in (29, 30, 31))
_SHOWN: Final = Shown(None, -1, -1)
_encode = msgspec.json.encode
_moment = lru_cache(8)(_encode)
"""The items of one act share their moments."""
_BLANKS: Final = tuple(_encode(blank) for blank in (_DUE, _DECIDED, _SHOWN, _CHANGED))
"""As they stand in the JSON, in this order."""


class Form:
    """The JSON of one decision, with blanks."""

    __slots__ = ("_keys", "_pieces")

    def __init__(self, pieces: list[bytes], packed: Packed) -> None:
        self._pieces = pieces
        self._keys = packed.keys

    @classmethod
    def of(cls, item: Item) -> Form | None:
        """Return the form of a decision; None for what is none, and where a blank would be there twice."""
        if item.decision is None:
            return None
        seen = replace(item.decision.snapshot, shown=_SHOWN)
        decision = replace(item.decision, decided_at=_DECIDED, snapshot=seen)
        packed = item_json(replace(item, due_at=_DUE, decision=decision), _CHANGED)
        if not isinstance(packed, Packed):
            return None
        pieces = _cut(packed.json)
        return cls(pieces, packed) if pieces is not None else None

    def filled(self, item: Item, changed_at: datetime) -> Packed:
        """Return the JSON of the item, once its moments are known."""
        assert item.decision is not None
        state_to, id_to, act_to, base_to, last = self._pieces
        parts = (
            state_to,
            _moment(item.due_at),
            id_to,
            _moment(item.decision.decided_at),
            act_to,
            _encode(item.decision.snapshot.shown),
            base_to,
            _moment(changed_at),
            last,
        )
        return Packed(b"".join(parts), self._keys)


def _cut(json: bytes) -> list[bytes] | None:
    """Return what stands around the blanks; None unless each is there exactly once."""
    pieces, rest = [], json
    for blank in _BLANKS:
        if json.count(blank) != 1:
            return None
        piece, _blank, rest = rest.partition(blank)
        pieces.append(piece)
    return [*pieces, rest]
