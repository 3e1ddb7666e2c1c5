"""The one registry of actions: keys, footer, help, palette, `triage keys` and the docs derive from it.

Knows no Textual, so that a command can print it. What an action does is a method `action_<id>` of a screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screens.key_names import shown_key

INBOX, LEAD, QUEUE, CHOICE, TEXT = "inbox", "lead", "queue", "choice", "text"
HISTORY, REPLIES, RULES = "history", "replies", "rules"
REVIEW, REVIEW_GROUP = "review", "review_group"
INSIGHTS, INSIGHT_LEADS = "insights", "insight_leads"
"""Where an action works: the screens, an open choice at the bottom of one, a text field."""
CONTEXTS = {
    INBOX: "Inbox",
    LEAD: "Lead",
    QUEUE: "Queue",
    HISTORY: "History",
    REPLIES: "Replies",
    RULES: "What changed",
    INSIGHTS: "Insights",
    INSIGHT_LEADS: "Leads of a number",
    REVIEW: "Review",
    REVIEW_GROUP: "Review, one group",
    CHOICE: "While a choice is open",
    TEXT: "In a text field",
}
_LEADS = (INBOX, LEAD)
_READ = (HISTORY, REPLIES)
_SYNCS = (INBOX, LEAD, QUEUE, *_READ, RULES, INSIGHT_LEADS)
_REVIEWS = (REVIEW, REVIEW_GROUP)
_ROOMS = (*_SYNCS, *_REVIEWS, INSIGHTS)


class Action(Struct, frozen=True):
    """One thing a rep can do with a key."""

    id: str
    """Its name in the keymap file; never changes once released."""
    keys: tuple[str, ...]
    """By the toolkit's names; two keys after each other are written "g g"."""
    label: str
    """A word or two, for the footer."""
    help: str
    """A sentence, for help and palette."""
    group: str
    contexts: tuple[str, ...]
    rank: int | None = None
    """Place in the footer; None: not in it."""
    palette: bool = False

    @property
    def default_keys(self) -> str:
        """The keys as a keymap file writes them: with commas."""
        return ",".join(self.keys)


def _move(name: str, keys: str, label: str, sentence: str) -> Action:
    return Action(name, tuple(keys.split("|")), label, sentence, "Move", _ROOMS)


def _decide(name: str, key: str, label: str, sentence: str, rank: int | None = None) -> Action:
    return Action(name, (key,), label, sentence, "Decide", _LEADS, rank, palette=True)


def _tell(name: str, key: str, label: str, sentence: str, rank: int | None = None) -> Action:
    return Action(name, (key,), label, sentence, "Tell marketing", _LEADS, rank, palette=True)


def _review(name: str, key: str, label: str, sentence: str, rank: int) -> Action:
    rooms = _REVIEWS if name == "drill" else (REVIEW,)
    return Action(name, (key,), label, sentence, "Review", rooms, rank, palette=True)


ACTIONS: tuple[Action, ...] = (
    _move("down", "j|down", "down", "Move down."),
    _move("up", "k|up", "up", "Move up."),
    _move("top", "home|g g", "top", "Go to the first line."),
    _move("bottom", "G|end", "bottom", "Go to the last line."),
    _move("page_down", "pagedown", "page down", "Move down a page."),
    _move("page_up", "pageup", "page up", "Move up a page."),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the lead in full.",
        "Move",
        (INBOX, *_READ, INSIGHT_LEADS),
        6,
        palette=True,
    ),
    Action(
        "dispute",
        ("enter",),
        "dispute",
        "Dispute the contribution under the cursor, or open the duplicate or colleague there.",
        "Move",
        (LEAD,),
        6,
    ),
    Action("back", ("escape", "backspace"), "back", "Go one step back.", "Move", _ROOMS),
    Action("quit", ("q",), "back", "Go one step back; quit from the inbox.", "Move", _ROOMS, 8),
    _decide("accept", "a", "accept", "Accept: sales takes the lead.", 1),
    _decide("accept_why", "A", "accept, why", "Accept, and say why it is good."),
    _decide("reject", "r", "reject", "Reject with a reason: it should not have been sent.", 2),
    _decide("recycle", "y", "recycle", "Recycle with a reason: a real buyer, not now.", 3),
    _decide(
        "disqualify",
        "d",
        "disqualify",
        "Disqualify with a reason, after contact: will not buy.",
    ),
    _decide("reroute", "t", "reroute", "Give it to another user or queue."),
    _decide("snooze", "z", "snooze", "Decide later: it comes back at that time, before the SLA ends."),
    Action(
        "undo",
        ("u",),
        "undo",
        "Undo the last act, for all its leads; again: the one before.",
        "Decide",
        (*_LEADS, QUEUE, *_READ),
        4,
        palette=True,
    ),
    Action(
        "retry_all",
        ("T",),
        "try all",
        "Try everything again that was refused or waits for another try.",
        "Decide",
        (QUEUE,),
        3,
        palette=True,
    ),
    _decide("repeat", "full_stop", "repeat", "Repeat the last decision on this lead, or on the marked ones."),
    _decide("same_account", "ampersand", "same account", "The same for the account's other open leads."),
    _decide("skipped", "W", "why skipped", "List the leads that the last act skipped, and why."),
    Action("mark", ("space",), "mark", "Mark or unmark the lead, and move down.", "Mark", (INBOX,)),
    Action("range", ("V",), "range", "Mark all leads from here to where you move.", "Mark", (INBOX,)),
    Action(
        "mark_shown",
        ("asterisk",),
        "mark all",
        "Mark all that the filter shows; again: none.",
        "Mark",
        (INBOX,),
        palette=True,
    ),
    _tell("feedback", "f", "tell", "List all that can be said about a lead.", 5),
    _tell("too_high", "minus", "score too high", "Say that the score is too high."),
    _tell("right", "equals_sign", "score right", "Say that the score is right."),
    _tell("too_low", "plus", "score too low", "Say that the score is too low."),
    _tell("objection", "o", "objection", "Record an objection; Tab: a question you heard."),
    _tell("content", "c", "content", "Ask for content that would have helped."),
    _tell("correction", "e", "correct data", "Correct a field of the lead."),
    _tell("mismatch", "m", "mismatch", "Say that the campaign promised something else."),
    _tell("note", "n", "note", "Write a note to marketing."),
    _tell("kudos", "K", "thanks", "Thank marketing for this lead."),
    _tell("definition", "D", "definition", "Dispute a line of the MQL definition, or propose another."),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Filter as you type: source:webinar band:A,B age>1d -country:DE.",
        "See",
        (INBOX,),
        palette=True,
    ),
    Action("next_view", ("tab",), "next view", "Show the next view.", "See", (INBOX,)),
    Action("previous_view", ("shift+tab",), "previous view", "Show the view before.", "See", (INBOX,)),
    Action(
        "sort",
        ("s",),
        "sort",
        "Sort by any column; the same again turns it round.",
        "See",
        (INBOX,),
        palette=True,
    ),
    Action(
        "explain",
        ("E",),
        "why this score",
        "Ask the CRM why the lead has this score, if it waits to be asked.",
        "See",
        _LEADS,
        palette=True,
    ),
    Action("raw", ("w",), "raw names", "Show the campaign's raw name.", "See", _LEADS, palette=True),
    Action("crm", ("O",), "open in CRM", "Open the lead in the CRM.", "See", _LEADS, palette=True),
    Action(
        "copy",
        ("Y",),
        "copy",
        "Copy e-mail, phone, link, a line for the chat, or the asset's template.",
        "See",
        _LEADS,
        palette=True,
    ),
    Action(
        "details",
        ("enter",),
        "details",
        "Show all that is known of the item, or less again.",
        "See",
        (QUEUE,),
        6,
        palette=True,
    ),
    Action(
        "copy_report",
        ("Y",),
        "copy",
        "Copy a report of the item: states, times, ids, what the CRM said.",
        "See",
        (QUEUE,),
        palette=True,
    ),
    Action(
        "share",
        ("X",),
        "share line",
        "Copy one line for the chat about the lead, or about what stands under the cursor.",
        "See",
        (*_LEADS, *_READ),
        palette=True,
    ),
    Action("read_all", ("x",), "all read", "Mark all replies as read.", "See", (REPLIES,), 3, palette=True),
    Action("history", ("H",), "history", "Show what you decided today.", "See", _LEADS, palette=True),
    Action("replies", ("R",), "replies", "Show marketing's replies.", "See", _LEADS, palette=True),
    Action(
        "rules",
        ("v",),
        "what changed",
        "Show what changed in definition, reason codes and score model, and what is in force.",
        "See",
        (*_LEADS, REVIEW),
        palette=True,
    ),
    Action(
        "insights",
        ("I",),
        "insights",
        "Show the numbers for both teams, each with its formula and its leads.",
        "See",
        (*_LEADS, *_REVIEWS),
        palette=True,
    ),
    Action("next_insight", ("tab",), "next", "Turn to the next insight.", "See", (INSIGHTS,), 1),
    Action("previous_insight", ("shift+tab",), "previous", "Turn to the insight before.", "See", (INSIGHTS,)),
    Action("next_number", ("l", "right"), "number", "Move to the next number.", "See", (INSIGHTS,), 2),
    Action(
        "previous_number", ("h", "left"), "number before", "Move to the number before.", "See", (INSIGHTS,)
    ),
    Action(
        "open_number",
        ("enter",),
        "open",
        "Open the insight, or the leads behind the line or the number.",
        "Move",
        (INSIGHTS,),
        6,
    ),
    Action(
        "put_away",
        ("x",),
        "dismiss",
        "Dismiss what is said about changed rules; it stays away.",
        "See",
        (INBOX, RULES),
        palette=True,
    ),
    Action(
        "queue",
        ("Q",),
        "queue",
        "Show what is unsent, refused or in conflict.",
        "See",
        _LEADS,
        palette=True,
    ),
    _review("drill", "enter", "open", "Open the group: its leads as the rep saw them; there: all of one.", 1),
    _review("narrow", "slash", "narrow", "Narrow by campaign, source, reason, criterion or rep.", 2),
    _review("standing", "tab", "view", "Show what is open, overdue, answered, or all.", 3),
    _review("only_new", "n", "new", "Show what is new or changed since your last visit; again: all.", 4),
    _review("only_mine", "m", "mine", "Show what is of your campaigns or routed to you; again: all.", 5),
    _review("widen", "x", "widen", "Show everything again.", 6),
    Action("sync", ("S",), "sync", "Send everything now, and fetch.", "App", _SYNCS, palette=True),
    Action(
        "read_again",
        ("S",),
        "read again",
        "Read everything from the CRM again.",
        "App",
        _REVIEWS,
        palette=True,
    ),
    Action(
        "gather",
        ("S",),
        "gather",
        "Send what is unsent, then gather the numbers again.",
        "App",
        (INSIGHTS,),
        4,
        palette=True,
    ),
    Action(
        "help", ("question_mark",), "keys", "Show the keys of this screen; typing filters.", "App", _ROOMS, 7
    ),
    Action("palette", ("ctrl+p",), "palette", "Find a command, a view or a lead.", "App", _ROOMS),
    Action(
        "choose",
        tuple("1234567890"),
        "choose",
        "Choose the line with this digit.",
        "Choose",
        (CHOICE, RULES, QUEUE, INSIGHTS, *_REVIEWS),
    ),
    Action("edit", ("tab",), "edit", "Change what was filled in, before the digit.", "Choose", (CHOICE,)),
    Action("confirm", ("enter",), "confirm", "Confirm.", "Choose", (CHOICE,)),
    Action("leave", ("escape", "backspace"), "leave", "Leave without choosing.", "Choose", (CHOICE,)),
    Action("keep", ("enter",), "keep", "Keep the text.", "Type", (TEXT,)),
    Action("complete", ("tab",), "complete", "Complete a filter; again: the next way.", "Type", (TEXT,)),
    Action("complete_back", ("shift+tab",), "complete back", "Complete it the way before.", "Type", (TEXT,)),
    Action("clear", ("ctrl+u",), "clear", "Clear the text.", "Type", (TEXT,)),
    Action("editor", ("ctrl+e",), "editor", "Go on in your editor ($VISUAL, $EDITOR).", "Type", (TEXT,)),
    Action(
        "leave_text", ("escape",), "leave", "Leave; backspace in an empty field does too.", "Type", (TEXT,)
    ),
)
FIXED = frozenset({"choose"})
"""The actions whose keys are somebody else's: a reason's digit is its hotkey."""
AT_ONCE = frozenset({"accept", "repeat", "undo", "too_high", "right", "too_low"})
"""The actions that write without asking anything: no open choice lets their keys through."""
STEPS_BACK = frozenset({"back", "quit"})
"""The actions that go one step back: out of an open choice first."""
BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def shown_keys(action: Action, keymap: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the keys of an action as a person reads them, under a keymap."""
    keys = (keymap or {}).get(action.id, action.default_keys)
    return tuple(shown_key(key) for key in keys.split(","))


def first_key(name: str, keymap: Mapping[str, str]) -> str:
    """Return the key to name in a sentence: the first that an action has under a keymap."""
    return shown_keys(BY_ID[name], keymap)[0]


def in_context(context: str) -> Iterator[Action]:
    """Yield the actions of a context, in the order of the registry."""
    return (action for action in ACTIONS if context in action.contexts)


def footer(context: str) -> list[Action]:
    """Return the actions of the footer, the most useful first: seven at most."""
    ranked = [action for action in in_context(context) if action.rank is not None]
    return sorted(ranked, key=lambda action: action.rank or 0)[:7]


def default_keys() -> dict[str, str]:
    """Return action id → keys, as a keymap is checked against."""
    return {action.id: action.default_keys for action in ACTIONS}


def contexts() -> dict[str, tuple[str, ...]]:
    """Return action id → where it works: the same key may serve two actions that never meet."""
    return {action.id: action.contexts for action in ACTIONS}
