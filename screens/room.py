"""What every screen has: keys from the registry, a foot for messages, a status bar, a smallest size."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.timer import Timer

from screens.actions import AT_ONCE, BY_ID, CHOICE, CONTEXTS, INBOX, STEPS_BACK, Action, shown_keys
from screens.asking.pointing import PointedScreen
from screens.asking.questions import Press, Question
from screens.bindings import meaning, pairs
from screens.cells import Line
from screens.day import Day
from screens.desktop import Desktop
from screens.foot import counts_zones, keys_line, marketer_line, said_line, status_line, too_small_lines
from screens.inbox.arrangement import SMALLEST
from screens.widgets.bars import Bar
from screens.widgets.line_pane import LinePane
from triage.domain.lead import LeadId

RAISED = ("foot", "status", "views")
SAID_FOR = 10.0
"""Seconds a message stays where the keys stand."""
REFUSED_FOR = 3.0
"""Seconds for a key that had nothing to act on: it was read, and nothing follows from it."""


class TriageScreen(PointedScreen, inherit_bindings=False):
    """A screen of the app; subclasses compose a body between the bars and keep a pane for choices."""

    CONTEXT: ClassVar[str] = INBOX
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    TriageScreen { layout: vertical; overflow: hidden; }
    TriageScreen #too-small { display: none; }
    TriageScreen.-small > * { display: none; }
    TriageScreen.-small > #too-small { display: block; }
    """

    def __init__(self, day: Day) -> None:
        super().__init__()
        self.day = day
        self.foot = Bar(day.inks.raised, id="foot")
        self.status = Bar(day.inks.raised, id="status")
        self.too_small = LinePane(day.inks.plain, id="too-small")
        self.pane = LinePane(day.inks.plain, id="pane")
        self._said: tuple[str, str, bool] | None = None
        """Text, tail, whether it is bad: drawn anew for every width."""
        self._said_news = False
        self._waiting_news: tuple[str, bool] | None = None
        self._unsay: Timer | None = None
        self._pairs = pairs(self.CONTEXT, day.keymap)
        self._prefix = ""
        """The first key of a pair, while the second is awaited."""

    @property
    def desktop(self) -> Desktop:
        """The app, as screens see it."""
        return cast("Desktop", self.app)

    def compose_bars(self) -> ComposeResult:
        """Yield the lower bars."""
        yield self.foot
        yield self.status
        yield self.too_small

    def on_screen_resume(self) -> None:
        """Become the room that acts speak to."""
        self.day.room = self
        if self.day.speaker not in (None, self):
            self.unsay()
        self.lay_out()
        self.show()

    def on_resize(self) -> None:
        """Put everything in its place for another size; an open question stays open, and in sight."""
        self.lay_out()
        self.show()
        if self.day.room is self and self.day.asking.question is not None:
            self.show_question(self.day.asking.question)

    def lay_out(self) -> None:
        """Give the widgets their sizes, and what depends on them."""
        width, height = self.app.size
        small = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(small, "-small")
        if small:
            self.too_small.fit(width, height)
            self.too_small.put(too_small_lines(width, height, self.day.inks.plain))
        self.foot.fit(width)
        self.status.fit(width)

    @property
    def is_too_small(self) -> bool:
        """Whether nothing but a sentence about it is shown."""
        return self.has_class("-small")

    def show(self) -> None:
        """Draw what changed."""
        self.show_foot()
        self.show_status()

    async def take_news(self) -> None:
        """Draw what changed without the rep's doing."""
        self.show()

    def show_foot(self) -> None:
        """Draw the message, or the keys; an open question says its own."""
        width, ink = self.app.size.width, self.day.inks.raised
        if self._said is not None:
            text, tail, bad = self._said
            self.foot.say(said_line(text, tail, width, ink, bad=bad))
            return
        if self.day.asking.question is not None:
            self.foot.say(Line())
            return
        line, places = keys_line(self.CONTEXT, self.day.keymap, width, ink)
        self.foot.say(line, [(start, end, self._doing(action)) for start, end, action in places])

    def show_status(self) -> None:
        """Draw how things stand."""
        day, width = self.day, self.app.size.width
        if not self.desktop.has_inbox and day.session.rep.role == "marketing":
            who = day.session.rep.name or day.session.rep.user_id or day.session.profile
            self.status.say(marketer_line(who, day.session.profile, width, day.inks.raised))
            return
        replies_key = shown_keys(BY_ID["replies"], day.keymap)[0]
        line = status_line(
            day.status,
            day.connection,
            profile=day.session.profile,
            now=day.clock(),
            width=width,
            ink=day.inks.raised,
            queue_key=shown_keys(BY_ID["queue"], day.keymap)[0],
            replies_key=replies_key,
        )
        badge = f"{replies_key} {day.status.unread:,}" if day.status is not None else ""
        replies = self._doing(BY_ID["replies"])
        self.status.say(line, counts_zones(line, self._doing(BY_ID["queue"]), replies, badge))

    def recolour(self) -> None:
        """Draw everything in the day's new colours."""
        inks = self.day.inks
        for bar in self.query(Bar):
            bar.redraw(inks.raised if bar.id in RAISED else inks.plain)
        for pane in self.query(LinePane):
            pane.redraw(inks.plain)
        if self.is_current:
            self.show()

    def say(self, text: str, tail: str = "", *, bad: bool = False) -> None:
        """Show a message in the place of the keys for a while; one that refuses a key rings, if wished."""
        if bad:
            self.day.ring()
        self.day.speaker = self
        self._show_said(text, tail, bad=bad)

    def refuse(self, text: str) -> None:
        """Say for a moment that a key had nothing to act on."""
        self.say(text, bad=True)
        self._unsay_after(REFUSED_FOR)

    def _show_said(self, text: str, tail: str = "", *, bad: bool = False) -> None:
        self._said_news = False
        self._said = (text, tail, bad)
        self.show_foot()
        self._unsay_after(SAID_FOR)

    def _unsay_after(self, seconds: float) -> None:
        if self._unsay is not None:
            self._unsay.stop()
        self._unsay = self.set_timer(seconds, self.unsay)

    def answer(self, text: str) -> None:
        """Show at once that a key was heard; news takes its place."""
        self.say(text)
        self._said_news = True

    def tell(self, text: str, *, bad: bool = False) -> None:
        """Show news. What an act said is not covered by it: the news waits until that has been read."""
        if self._said is not None and not self._said_news:
            self._waiting_news = (text, bad)
            return
        self._show_said(text, bad=bad)
        self._said_news = True

    def unsay(self) -> None:
        """Show the keys again, or the news that waited."""
        self._said, waiting = None, self._waiting_news
        self._waiting_news = None
        if waiting is not None:
            self.tell(waiting[0], bad=waiting[1])
        self.show_foot()

    def show_question(self, question: Question | None) -> None:
        """Lay a question over the lower end of the pane, or take it away."""
        ink, pane = self.day.inks.raised, self.pane
        lines = question.lines(pane.extent, ink) if question else []
        pane.lay(lines, ink)
        self.show_foot()
        if question is not None:
            self.paint()

    async def painted(self) -> bool:
        """Wait until the lead that an act would meet was painted."""
        return not self.is_too_small

    def targets(self) -> tuple[LeadId, ...]:
        """Return what an act applies to."""
        return self.day.tray.targets()

    def press_of(self, key: str, character: str | None) -> Press:
        """Return a key with what it means to the open question."""
        question = self.day.asking.question
        context = question.context if question else self.CONTEXT
        behind = meaning(self.CONTEXT, self.day.keymap).get(key, "")
        action = meaning(context, self.day.keymap).get(key, "")
        if context == CHOICE and not action and behind in STEPS_BACK:
            action = "leave"  # one step back is out of the choice, not out of the app behind it
        return Press(key, character, action, behind in AT_ONCE, self.day.pressed_at)

    async def chord(self, key: str) -> bool:
        """Take a key that begins a pair of keys, or ends one; False if it does neither."""
        prefix, self._prefix = self._prefix, ""
        name = self._pairs.get(f"{prefix} {key}")
        if name is not None:
            await self.run_action(name)
        elif any(pair.split(" ")[0] == key for pair in self._pairs):
            self._prefix = key
        return name is not None or bool(self._prefix)

    def quits(self, key: str) -> bool:
        """Whether a key leaves this screen, and no open question takes it."""
        if self.day.asking.question is not None:
            return False
        if self._pairs.get(f"{self._prefix} {key}") == "quit":
            return True
        means = meaning(self.CONTEXT, self.day.keymap).items()
        return any(name == "quit" and keys.split(" ")[0] == key for keys, name in means)

    def forget_prefix(self) -> None:
        """Let the first key of a pair go."""
        self._prefix = ""

    def _doing(self, action: Action) -> Callable[[], object]:
        """Return what a click on an action's key does: it waits its turn among the keys."""
        return lambda: self.app.call_later(self.app.run_action, f"screen.{action.id}")

    @property
    def where(self) -> str:
        """The screen's name in words."""
        return CONTEXTS[self.CONTEXT]
