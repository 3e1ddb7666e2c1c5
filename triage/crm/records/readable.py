"""What people read of a decision in a note, above the record. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from triage.crm.records.notes import paragraphs, words
from triage.domain.decision import Decision
from triage.domain.people import Rep


def readable_of(decision: Decision, rep: Rep, refused: str = "") -> str:
    """Return HTML: what was decided by whom, why, in whose words, and what the score was then.

    `refused` are HubSpot's words where it did not take the properties of the contact.
    """
    return paragraphs(
        *lines_of(decision, rep), refused and f"The contact's properties were refused: {refused}"
    )


def lines_of(decision: Decision, rep: Rep) -> Iterator[str]:
    """Yield the same line by line as plain text, some of them empty."""
    snapshot = decision.snapshot
    yield words(f"{decision.act.done.capitalize()} by {rep.name or rep.user_id}")
    params = (f"{name}: {value}" for name, value in decision.params.items())
    yield words(" · ".join(part for part in (decision.reason or "", *params) if part))
    yield words(decision.note)
    if snapshot.score is not None:
        yield words(f"Score then: {snapshot.score:g} {snapshot.band}".strip())
    if snapshot.definition_version:
        yield words(f"Definition then: {snapshot.definition_version}")
