"""Who answers a piece of feedback, and whom it reaches: said before it is sent. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from screens.cells import say
from screens.deciding.act_words import skipped_lines
from triage.desk.results import Preview
from triage.domain.feedback import FeedbackType, route
from triage.domain.lead import LeadId
from triage.domain.outline import AnyLead, Outline

_NAMED = 2
"""Owners that are named, of several."""
_SCORE = "score "


class Reach(Struct, frozen=True):
    """The leads that feedback is meant for, and what is said of that before."""

    lead_ids: tuple[LeadId, ...]
    outlines: tuple[Outline, ...]
    lead_in: tuple[str, ...]
    """Who answers; of many leads the preview."""
    asks: bool = False
    """Whether this is a preview, to be confirmed."""


def goes_to(kind: FeedbackType, leads: Sequence[AnyLead]) -> str:
    """Return "→ scoring", or "→ Noor Haddad (Webinar …)" where the owner of one campaign answers."""
    owners = [route(kind, lead) for lead in leads]
    campaigns = {lead.campaign for lead in leads}
    only = campaigns.pop() if len(campaigns) == 1 else None
    tail = f" ({say(only.words, limit=60)})" if only is not None and owners[0] == only.owner else ""
    return f"{owners_words(owners)}{tail}"


def owners_words(owners: Iterable[str]) -> str:
    """Return "→ scoring", or "→ Noor Haddad 12, Elias Brandt 8": those who answer most are named."""
    counts = Counter(owners).most_common()
    if len(counts) == 1:
        return f"→ {say(counts[0][0])}"
    names = [f"{say(name)} {count}" for name, count in counts[:_NAMED]]
    others = sum(count for _, count in counts[_NAMED:])
    return f"→ {', '.join(names + ([f'others {others}'] if others else []))}"


def preview_lines(preview: Preview, said: str) -> list[str]:
    """Return what feedback on many leads would do: "22 too high → scoring", "1 skipped: no score"."""
    count = len(preview.allowed)
    what = f"{count} {said[len(_SCORE) :]}" if said.startswith(_SCORE) else f"{count} × {said}"
    owners = owners_words(one.routed_to for one in preview.allowed) if preview.allowed else ""
    return [f"{what} {owners}".rstrip(), *skipped_lines(preview.skipped)]
