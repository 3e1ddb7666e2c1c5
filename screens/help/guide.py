"""What help says besides the keys: signs, order, filter, mouse, one's own keys. Words only, no widget."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from screens.actions import BY_ID, shown_keys
from screens.words import BADGES, SENT
from triage.domain.inbox import ORDER_RULE
from triage.domain.item import State
from triage.domain.query import FIELD_NAMES


class Part(Struct, frozen=True):
    """A heading, and rows of what is shown or typed with what it means."""

    heading: str
    rows: tuple[tuple[str, str], ...]


_DELIVERY = {
    State.QUEUED: "on this disk, waits to be sent",
    State.SENDING: "on its way to the CRM",
    State.UNKNOWN: "sent, but the answer was lost: the CRM is asked before it is sent again",
    State.CONFLICT: "the lead changed at the CRM: you choose",
    State.REFUSED: "the CRM does not take it, in its own words",
    State.APPLIED: "it is at the CRM",
}
SIGNS = (
    Part(
        "Signs in the list",
        (
            ("▌", "the line under the cursor: keys act on it"),
            ("●", "marked: keys act on all that are marked"),
            ("A B C D", "the score's band, the best first"),
            ("A1 … C3", "fit (A to C) and engagement (1 to 3); ? is unknown"),
            ("‼ 2h", "SLA missed, 2 hours ago"),
            ("! 41m", "SLA soon, in 41 minutes"),
            ("3h", "SLA in 3 hours; – there is none"),
            ("z 2d", "asleep for 2 days"),
            ("✗ name", "no longer on your list; what you decided stays"),
        ),
    ),
    Part("Badges", tuple(BADGES.items())),
    Part("How far a decision is", tuple((SENT[state], words) for state, words in _DELIVERY.items())),
    Part(
        "Signs in the brief",
        (
            ("✓ ✗ ?", "a line of the MQL definition holds, fails, is unknown"),
            ("▲8 ▼3", "the score rose by 8, fell by 3"),
            ("━━╸ ╍╍", "points that lift the score, points that lower it"),
            ("★", "the one interesting moment"),
            ("☾", "it is night where the lead is"),
            ("⚠", "hidden characters were replaced"),
        ),
    ),
    Part(
        "Signs in the status bar",
        (
            ("●", "online"),
            ("○", "offline, by choice or since when"),
            ("◐", "talking to the CRM"),
            ("‼ 2 need you", "conflicts and refusals in the queue"),
            ("5 unsent", "on this disk, not yet at the CRM"),
        ),
    ),
)
EXAMPLES = (
    ("park", "a word in name, company, title, e-mail, source, city"),
    ("source:webinar", 'a field that holds a word; quotes keep blanks: title:"vp sales"'),
    ("band:A,B", "one of these"),
    ("score>=60 age>1d", "numbers and spans of time, both have to hold"),
    ("sla:breached", "or due_soon, on_time, paused"),
    ("badge:CUST", "a badge"),
    ("-country:DE", "not this"),
)
"""Filters that can be typed as they stand here."""


def guide(keymap: Mapping[str, str]) -> tuple[Part, ...]:
    """Return every part, with the keys as the rep has them."""

    def key(action_id: str) -> str:
        return shown_keys(BY_ID[action_id], keymap)[0]

    return (
        *SIGNS,
        Part(
            "Order",
            (
                ("by itself", f"{ORDER_RULE}."),
                (key("sort"), "goes on to the next order, and says which."),
            ),
        ),
        Part(
            "Filter", ((key("filter"), "filters as you type."), *EXAMPLES, ("fields", ", ".join(FIELD_NAMES)))
        ),
        Part("Mouse", _mouse()),
        Part("Your own keys", _own_keys()),
    )


def _mouse() -> tuple[tuple[str, str], ...]:
    return (
        ("click", "a lead, a view, a key in the foot, a line of a choice, “need you”"),
        ("double click", "opens a lead"),
        ("wheel", "moves through list, brief, queue and help"),
        ("Shift + drag", "selects text: the terminal does that itself (some take Option or Fn)"),
    )


def _own_keys() -> tuple[tuple[str, str], ...]:
    return (
        ("triage keys", "lists every action with its id and its keys"),
        ("keymap.toml", 'in the config folder of `triage paths`: [keys], then accept = "a,f2"'),
        ("a clash", "is refused at the start, with its line"),
    )
