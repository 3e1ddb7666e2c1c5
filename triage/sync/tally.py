"""Counting one run: each decision once, by the last thing that became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from triage.domain.item import Item, State
from triage.domain.outcome import Already, Outcome
from triage.sync.events import Asked, SyncReport

_WORDS = {
    State.APPLIED: "applied",
    State.CONFLICT: "conflict",
    State.REFUSED: "refused",
    State.QUEUED: "retry",
    State.UNKNOWN: "unknown",
}


class Tally:
    """What became of each item in this run."""

    def __init__(self) -> None:
        self._decisions: dict[str, str] = {}
        self._feedback: dict[str, str] = {}
        self.fetched = 0
        self.gone = 0
        self.replies = 0
        self.unread: Counter[str] = Counter()
        self.asked: Asked | None = None

    def note(self, items: Iterable[Item], answers: Mapping[str, Outcome]) -> None:
        """Take down where items have come to; `answers` tell what had been applied before."""
        for item in items:
            book = self._decisions if item.decision is not None else self._feedback
            already = isinstance(answers.get(item.id), Already)
            book[item.id] = "already" if already else _WORDS.get(item.state, item.state)

    def report(self) -> SyncReport:
        """Return the counts."""
        words = Counter(self._decisions.values())
        told = Counter(self._feedback.values())
        return SyncReport(
            applied=words["applied"],
            already=words["already"],
            conflict=words["conflict"],
            refused=words["refused"],
            retry=words["retry"],
            unknown=words["unknown"],
            feedback=told["applied"] + told["already"],
            fetched=self.fetched,
            gone=self.gone,
            replies=self.replies,
            unread=dict(self.unread),
            asked=self.asked,
        )
