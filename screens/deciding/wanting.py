"""What a decision still needs: a reason, with what would be filled in, and the next thing to ask for."""

from __future__ import annotations

from collections.abc import Sequence

from screens.asking.form import Answers
from screens.asking.lead_pick import lead_question
from screens.asking.questions import Choose, Option, Question
from screens.cells import say
from screens.deciding.parameters import Asked, filled_words, known_params, must_ask, question_for
from screens.deciding.wishes import Wish, with_digits
from screens.host import Host
from triage.domain.act import Act
from triage.domain.lead import Lead
from triage.domain.reasons import Reason

LOOKED_AT = 40
"""Leads of a bulk act that are read to say what would be filled in: the rest is filled in all the same."""


def reason_strip(host: Host, act: Act, title: str, leads: Sequence[Lead]) -> Choose:
    """Return the choice of a reason: each on its own digit, with what would be filled in."""
    book, today = host.rulebook, host.clock().astimezone().date()
    options = [
        Option(digit, say(reason.label), reason, filled_words(reason, act, leads, book, today))
        for reason, digit in with_digits(book.reasons.of(act))
    ]
    return Choose(title, options, editable=act is not Act.ACCEPT)


def next_question(
    host: Host, wish: Wish, leads: Sequence[Lead], said: Answers, *, editing: bool = False
) -> tuple[str, Question] | None:
    """Return what has to be asked before a wish can be recorded, by its name; None: nothing more.

    `editing`: ask for all that was filled in too.
    """
    if wish.reason is None:
        return None
    asked = _asked_for(host, wish, wish.reason, leads, editing=editing)
    one = next((one for one in asked if one.name not in said), None)
    if one is None:
        return None
    title = f"{wish.act.capitalize()} {say(wish.reason.code)}"
    if one.name == "lead_id":
        entries = host.tray.inbox.entries
        about = [entries[lead.lead_id].outline for lead in leads if lead.lead_id in entries]
        return one.name, lead_question(f"{title} of which lead?", entries.values(), about, host.keymap)
    today = host.clock().astimezone().date()
    return one.name, question_for(one, title, leads, host.rulebook, today)


def _asked_for(
    host: Host, wish: Wish, reason: Reason, leads: Sequence[Lead], *, editing: bool
) -> list[Asked]:
    """Return which parameters to ask for: when editing all there are, else the one that is missing."""
    today = host.clock().astimezone().date()
    filled = known_params(reason, wish.act, leads, host.rulebook, today)
    known = [{**params, **wish.params} for params in filled]
    first = known[0] if len(known) == 1 else {}
    needed = reason.requires
    if not editing:
        ask = needed is not None and must_ask(reason, known)
        return [Asked(needed, first.get(needed, ""))] if ask and needed else []
    names = [needed] if needed else []
    names += [name for name in reason.optional if name not in names]
    if wish.act is Act.RECYCLE and not {"wake", "until"}.intersection(names):
        names.append("wake")
    return [Asked(name, first.get(name, ""), optional=name != needed) for name in names]
