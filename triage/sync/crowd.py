"""Which of thousands of leads may be one person: those that share a mailbox, a number, a name or a company.

Owns who is compared with whom, so that it takes milliseconds, whatever the texts are. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from msgspec.structs import replace

from triage.domain.account import DuplicateMatch
from triage.domain.identity import has_ideographs
from triage.domain.likeness import LIKELY, Card, Likeness, likeness, may_be_one

MOST = 24
"""Leads of one mailbox, number, name or company that are looked at: more are a switchboard, or made up."""
MOST_IN_ALL = 64
"""Leads that one lead is compared with: thousands of one company whose names are made of the same words."""
_NAMED_ALIKE = 0.9
_WORDS = 5
"""Words of a name that are looked for."""
_BEGINNING = 5
"""Characters of a company's name in which two that are spelled alike agree."""


class Crowd:
    """The cards of all leads, each in the places where its twins would be."""

    def __init__(self, phone_of: Callable[[str], str] | None = None) -> None:
        """`phone_of` a lead's id is asked where a number decides and only an outline is known."""
        self._cards: dict[str, Card] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._phone_of = phone_of

    def put(self, card: Card) -> None:
        """Take in a lead, or what it has become."""
        self._cards[card.lead_id] = card
        for place in self._places_of(card):
            there = self._places.get(place, ())
            if len(there) < MOST and card.lead_id not in there:
                self._places[place] = (*there, card.lead_id)

    def drop(self, lead_id: str) -> None:
        """Let a lead go."""
        self._cards.pop(lead_id, None)

    def card(self, lead_id: str) -> Card | None:
        """Return a lead's card, or None."""
        return self._cards.get(lead_id)

    def near(self, card: Card) -> list[Card]:
        """Return those that share something with a lead, each once, what tells most first."""
        ids = dict.fromkeys(one for place in self._places_of(card) for one in self._places.get(place, ()))
        ids.pop(card.lead_id, None)
        found = (self._cards.get(one) for one in islice(ids, MOST_IN_ALL))
        return [one for one in found if one is not None]

    def original_of(self, card: Card) -> DuplicateMatch | None:
        """Return the lead that this one is a duplicate of, as far as can be seen here; the likeliest one.

        None where the CRM has its own word for it: for this one, or for the other one that it is of this.
        """
        if card.told:
            return None
        likely = [
            (one, like)
            for one in self.near(card)
            if one.rank < card.rank and one.told != card.lead_id and may_be_one(one, card)
            for like in (self._likeness(card, one),)
            if like.confidence >= LIKELY
        ]
        if not likely:
            return None
        original, like = min(likely, key=lambda found: (-found[1].confidence, found[0].rank))
        sure = round(like.confidence, 2)
        return DuplicateMatch(original.lead_id, original.called, like.match, sure, found_here=True)

    def _likeness(self, one: Card, other: Card) -> Likeness:
        like = likeness(one, other)
        may_differ = one.phone is None or other.phone is None
        if not may_differ or self._phone_of is None or (like.name or 0) < _NAMED_ALIKE:
            return like
        return likeness(self._with_phone(one), self._with_phone(other))

    def _with_phone(self, card: Card) -> Card:
        if card.phone is not None or self._phone_of is None:
            return card
        self._cards[card.lead_id] = whole = replace(card, phone=self._phone_of(card.lead_id))
        return whole

    def _places_of(self, card: Card) -> Iterator[str]:
        """Yield the keys under which a twin of a lead would be found."""
        name, words = " ".join(card.words), card.words[:_WORDS]
        if card.mailbox:
            yield f"@{card.mailbox}"
        if card.phone:
            yield f"#{card.phone[-7:]}"
        if len(card.words) > 1:
            yield f"={name}/{card.company[:_BEGINNING]}"
            if self._phone_of is not None:
                yield f"={name}"
            words = (*words, card.joined) if has_ideographs(card.joined) else words
        for word in words:
            if card.domain:
                yield f"{word}@{card.domain}"
            if card.company:
                yield f"{word}/{card.company}"
