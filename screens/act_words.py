"""What is said about acts: which leads, why some were skipped, what was undone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from screens.cells import say
from triage.desk.results import Skipped, Undone
from triage.domain.lead import Lead
from triage.domain.reasons import Reason


def because_words(reason: Reason | None, *, short: bool) -> str:
    """Return a reason behind an act: its label, or its code where room is short."""
    if reason is None:
        return ""
    return f" {say(reason.code)}" if short else f": {say(reason.label)}"


def about(leads: Sequence[Lead]) -> str:
    """Say which leads: the name of one, or how many."""
    if len(leads) == 1:
        return say(leads[0].name) or say(leads[0].email) or "the lead"
    return f"{len(leads)} leads"


def skipped_words(skipped: Sequence[Skipped]) -> str:
    """Say why leads were skipped: the commonest cause, and how many others there are."""
    counted = counted_causes(skipped)
    if not counted:
        return "nothing to do"
    others = len(counted) - 1
    return say(counted[0][0]) + (f" (and {others} other causes)" if others else "")


def counted_causes(skipped: Sequence[Skipped]) -> list[tuple[str, int]]:
    """Return each cause with how many leads were skipped for it, the commonest first."""
    return Counter(one.why for one in skipped).most_common()


def undone_words(undone: Undone) -> str:
    """Say what was undone, and whether the CRM had it already."""
    parts = [f"Undone: {say(undone.what)}"]
    if undone.compensated:
        parts.extend(_compensated_words(undone))
    elif undone.withdrawn:
        parts.append("nothing of it was sent")
    return " · ".join(parts)


def _compensated_words(undone: Undone) -> list[str]:
    """Say what is taken back at the CRM: what is there, and what is on its way there at this moment."""
    sent = undone.compensated - undone.waiting
    parts = [f"{sent} had been sent: taken back with the next sync"] if sent else []
    return [*parts, f"{undone.waiting} being sent: will be taken back"] if undone.waiting else parts
