"""The blind sample: leads whose score is hidden until they are decided, so that acceptance can judge it.

Owns who is in the sample and what is hidden. The same seed gives the same leads on every machine.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from triage.domain.entry import Entry
from triage.domain.lead import Fact, Lead, LeadId, LeadStatus, Mql
from triage.domain.outline import Outline
from triage.domain.score import TELLS_SCORE

_BYTES = 8
_DRAWS = 1 << 8 * _BYTES
_WAITING = frozenset(
    {LeadStatus.INQUIRY, LeadStatus.MQL, LeadStatus.ASSIGNED, LeadStatus.SNOOZED, LeadStatus.UNKNOWN}
)
"""Where a lead stands before the rep's word. What was decided elsewhere is no part of the sample."""


class Blind(Struct, frozen=True):
    """How large the sample is, and what it is drawn by."""

    share: float = 0.0
    """0 to 1."""
    seed: str = ""

    def hides(self, entry: Entry) -> bool:
        """Whether an entry is in the sample and still waits for the rep's word."""
        return entry.outline.status in _WAITING and is_blind(entry.outline.lead_id, self.share, self.seed)


def is_blind(lead_id: LeadId, share: float, seed: str) -> bool:
    """Whether a lead is in the sample. One that is at some share is at every larger one."""
    if share <= 0:
        return False
    from hashlib import blake2b  # noqa: PLC0415 - the sample is off by default

    drawn = blake2b(lead_id.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=_key(seed)).digest()
    return int.from_bytes(drawn) < share * _DRAWS


@lru_cache(maxsize=4)
def _key(seed: str) -> bytes:
    from hashlib import blake2b  # noqa: PLC0415 - the sample is off by default

    return blake2b(seed.encode("utf-8", "surrogatepass")).digest()


def blinded(entry: Entry) -> Entry:
    """Return an entry as it is shown before the rep's word; `truth` keeps what it is."""
    return Entry(
        _outline(entry.outline),
        lambda: _lead(entry.read()),
        entry.decision,
        entry.feedback,
        entry.gone,
        entry,
        entry.answers,
    )


def _outline(outline: Outline) -> Outline:
    return replace(outline, score=None, mql=_mql(outline.mql))


def _lead(lead: Lead) -> Lead:
    return replace(lead, score=None, mql=_mql(lead.mql), facts=_facts(lead.facts))


def _mql(mql: Mql | None) -> Mql | None:
    """Return why it is an MQL, without "score 72 ≥ 65"; what it asked for when it raised its hand stays."""
    return mql if mql is None or mql.is_hand_raise else Mql(mql.by)


def _facts(facts: dict[str, Fact]) -> dict[str, Fact]:
    return {name: fact for name, fact in facts.items() if name not in TELLS_SCORE}
