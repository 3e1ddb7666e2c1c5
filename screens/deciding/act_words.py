"""What is said about acts: which leads, why some were skipped, what was undone, what would be next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from screens.cells import crop, say
from screens.deciding.wishes import Wish
from screens.words import counted
from triage.desk.results import Acted, Preview, Skipped, Undone
from triage.desk.undoing import in_words
from triage.domain.item import State
from triage.domain.outline import AnyLead
from triage.domain.reasons import Reason

_WHO = 40
"""Cells of a name in a sentence: what was done has to be read too."""


def because_words(reason: Reason | None, *, short: bool) -> str:
    """Return a reason behind an act: its label, or its code where room is short."""
    if reason is None:
        return ""
    return f" {say(reason.code)}" if short else f": {say(reason.label)}"


def about(leads: Sequence[AnyLead]) -> str:
    """Say which leads: the name of one, or how many."""
    if len(leads) == 1:
        return crop(say(leads[0].name) or say(leads[0].email), _WHO) or "the lead"
    return f"{len(leads)} leads"


def acted_words(
    wish: Wish, acted: Acted, names: Sequence[AnyLead], *, again: bool, crowded: bool = False
) -> str:
    """Return "3 rejected: wrong role or level · 1 skipped: already contacted · on 2: marked do-not-contact".

    `names` are the leads it was asked for; `crowded`: more is said behind it.
    """
    count = len(acted.items)
    who = about(names) if count == 1 and len(names) == 1 else str(count)
    short = crowded or bool(acted.skipped or acted.warnings)
    said = f"{who} {wish.act.done}{because_words(wish.reason, short=short)}"
    parts = [f"Again: {said}" if again else said]
    if acted.skipped:
        parts.append(f"{len(acted.skipped)} skipped: {skipped_words(acted.skipped)}")
    parts += [f"{f'on {one.count}: ' if count > 1 else ''}{say(one.why)}" for one in acted.warnings]
    return " · ".join(parts)


def preview_lines(wish: Wish, preview: Preview) -> list[str]:
    """Return what an act on many leads would do: how many, which are skipped and why, what it warns of."""
    reason = f" {say(wish.reason.code)}" if wish.reason else ""
    lines = [f"{len(preview.allowed)} {wish.act.done}{reason}"]
    lines += skipped_lines(preview.skipped)
    warned = Counter(one.warning for one in preview.allowed if one.warning)
    lines += [f"{count} with a warning: {say(words)}" for words, count in warned.most_common()]
    against = sum(one.disagrees_with is not None for one in preview.allowed)
    if against:
        lines.append(f"{against} pass every line of the definition: you disagree with it")
    return lines


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return a line for each cause: "2 skipped: already contacted"."""
    return [f"{count} skipped: {say(why)}" for why, count in counted_causes(skipped)]


def skipped_words(skipped: Sequence[Skipped]) -> str:
    """Say why leads were skipped: the commonest cause, and how many others there are."""
    found = counted_causes(skipped)
    if not found:
        return "nothing to do"
    others = len(found) - 1
    return say(found[0][0]) + (f" (and {counted(others, 'other cause')})" if others else "")


def counted_causes(skipped: Sequence[Skipped]) -> list[tuple[str, int]]:
    """Return each cause with how many leads were skipped for it, the commonest first."""
    return Counter(one.why for one in skipped).most_common()


def undone_words(undone: Undone) -> str:
    """Say what was undone, and whether the CRM had it already."""
    parts = [f"Undone: {_what(undone)}"]
    if undone.compensated:
        parts.extend(_compensated_words(undone))
    elif undone.withdrawn:
        parts.append("the CRM has none of it")
    return " · ".join(parts)


def then_words(undone: Undone, key: str, name: str) -> str:
    """Say what the next undo would reach: "u again: 5 rejected", or the lead's name where it is one."""
    if not undone.then:
        return "nothing more to undo"
    words = in_words(undone.then)
    if name and len(undone.then) == 1:
        words = f"{crop(name, 24)} {words[2:]}"
    if undone.then[0].state is State.WITHDRAWN:
        words = f"brings back {words}"
    return f"{key} again: {words}"


def _what(undone: Undone) -> str:
    """Name the lead where the act was on one."""
    if len(undone.entries) == 1 and undone.what.startswith("1 "):
        return f"{about([undone.entries[0].outline])} {say(undone.what[2:])}"
    return say(undone.what)


def _compensated_words(undone: Undone) -> list[str]:
    """Say what is taken back at the CRM: what is there, and what is on its way there at this moment."""
    sent = undone.compensated - undone.waiting
    parts = [f"the next sync takes {'it' if undone.compensated == 1 else sent} back"] if sent else []
    return [*parts, f"{undone.waiting} being sent: will be taken back"] if undone.waiting else parts
