"""What marketing has to offer, and what reps have asked for: which of it fits some leads and words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from triage.domain.folding import fold
from triage.domain.lead import Lead

_WORD = re.compile(r"\w{3,}")
_SAYS_NOTHING = frozenset({"and", "for", "the", "with", "about", "from", "how", "our", "their"})
_STEM = 4
"""Letters that are compared at least: “integrations” finds “integration”."""
_ENDING = 2
_HALF = 0.5
"""Share of the typed words that has to be found."""
_OWN, _CAMPAIGN, _PERSONA, _INDUSTRY = 4, 2, 2, 1
"""What a fit weighs: the asset that won the lead, its campaign, its role, its industry."""


class ContentAsset(Struct, frozen=True):
    """Something that exists already and can be given to a lead."""

    asset_id: str
    title: str
    kind: str = ""
    topics: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    url: str = ""
    pitch: str = ""
    template: str = ""
    """A message around it, with {first_name} and {company}."""


class ContentRequest(Struct, frozen=True):
    """Something that reps have asked for."""

    request_id: str
    topic: str
    asset_type: str = ""
    persona: str = ""
    state: str = "open"
    """open, planned, delivered or declined."""
    needed_by: str = ""
    votes: int = 0
    answered_with: str = ""
    mine: bool = False
    """Whether the rep is among those who asked."""

    @property
    def is_open(self) -> bool:
        """Whether one more voice can still bring it about."""
        return self.state in ("open", "planned")


class Library(Struct, frozen=True):
    """Both, as last fetched; empty where the CRM has none."""

    assets: tuple[ContentAsset, ...] = ()
    requests: tuple[ContentRequest, ...] = ()

    def assets_for(self, leads: Sequence[Lead], text: str = "") -> tuple[ContentAsset, ...]:
        """Return the assets that fit the leads, the best first; with a text those that it speaks of."""
        return _ranked(self.assets, text, _words_of_asset, lambda one: sum(_fit(one, lead) for lead in leads))

    def requests_for(self, leads: Sequence[Lead], text: str = "") -> tuple[ContentRequest, ...]:
        """Return the open requests in the same way; what more reps have asked for comes first."""
        still = (one for one in self.requests if one.is_open)
        found = sorted(still, key=lambda one: -one.votes)
        return _ranked(found, text, _words_of_request, lambda one: sum(_suits(one, lead) for lead in leads))

    def request(self, request_id: str) -> ContentRequest | None:
        """Return one request, or None."""
        return next((one for one in self.requests if one.request_id == request_id), None)


_T = TypeVar("_T", ContentAsset, ContentRequest)


def _ranked(
    offers: Iterable[_T], text: str, words: Callable[[_T], set[str]], fit: Callable[[_T], int]
) -> tuple[_T, ...]:
    """Return what a text speaks of, the closest first; without one all, what fits first."""
    typed = _words(text)
    found = [(_share(typed, words(one)), fit(one), one) for one in offers]
    if typed:
        found = [row for row in found if row[0] >= _HALF]
    found.sort(key=lambda row: (-row[0], -row[1]))
    return tuple(one for _, _, one in found)


def _share(typed: set[str], held: set[str]) -> float:
    if not typed:
        return 0.0
    return sum(any(word.startswith(_stem(one)) for word in held) for one in typed) / len(typed)


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in _WORD.findall(fold(text)) if word not in _SAYS_NOTHING}


def _stem(word: str) -> str:
    return word[: max(_STEM, len(word) - _ENDING)]


def _words_of_asset(asset: ContentAsset) -> set[str]:
    return _words(asset.title, asset.kind, asset.pitch, *asset.topics, *asset.personas)


def _words_of_request(request: ContentRequest) -> set[str]:
    return _words(request.topic, request.asset_type, request.persona)


def _fit(asset: ContentAsset, lead: Lead) -> int:
    own = lead.asset is not None and lead.asset.title == asset.title
    campaign = _words(lead.campaign.words, lead.campaign.promise) if lead.campaign else set()
    return (
        _OWN * own
        + _CAMPAIGN * bool(campaign & _words(*asset.topics))
        + _PERSONA * _is_for(asset.personas, lead)
        + _INDUSTRY * (fold(lead.industry) in map(fold, asset.topics))
    )


def _suits(request: ContentRequest, lead: Lead) -> int:
    campaign = _words(lead.campaign.words, lead.campaign.promise) if lead.campaign else set()
    about = _words(request.topic)
    industry = bool(about & _words(lead.industry))
    return (
        _CAMPAIGN * bool(campaign & about)
        + _PERSONA * _is_for((request.persona,), lead)
        + _INDUSTRY * industry
    )


def _is_for(personas: Iterable[str], lead: Lead) -> bool:
    role = _words(lead.title, str(lead.facts.get("title_level", "")))
    return any(role & _words(persona) for persona in personas)
