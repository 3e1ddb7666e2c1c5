"""A rep's day at random: keys on the list and the desk below them, without a screen. Checks after every step.

What is checked: an act meets only leads that are shown; marks are on what is shown; the list, its order and the
counts are what arranging everything afresh gives; news moves no cursor; and undoing everything gives back the
morning.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from screens.inbox.tray import Tray
from tests.fakes import COLLEAGUE, ME, Office, lead, lead_id, office, shipped_rules
from tests.sync.worlds import folder_in_memory
from triage.desk.desk import Desk
from triage.desk.results import Acted, Undone
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Inbox
from triage.domain.item import UNDELIVERED, State
from triage.domain.lead import LeadId, LeadStatus
from triage.domain.orders import COLUMNS
from triage.domain.payloads import VERDICTS
from triage.domain.query import parse
from triage.domain.review import Reply, ReplyKind
from triage.domain.views import View, own_view
from triage.errors import NotAllowed, UnknownLead

LEADS = 9
DAYS_IN_AN_OFFICE = 25
"""After so many days the office is left: what was withdrawn stays in its outbox."""
OWN = own_view("Webinars", parse("source:webinar"), View.INBOX)
FILTERS = (
    "",
    "source:webinar",
    "band:A,B",
    "northwind",
    "-country:DE",
    "decided:no",
    "nobody",
    "feedback:yes",
)
RULES = shipped_rules()
NEEDED = {
    "criterion": RULES.definition.criteria[0].criterion_id,
    "contribution": "demo request form",
    "field": "email",
    "lead_id": lead_id(1),
    "account": "A-1",
    "to": COLLEAGUE.user_id,
    "note": "none of these",
    "attempts": "9",
    "until": "2w",
    "competitor": "Rival",
    "feature": "an export",
}
"""What a reason may ask for, and what this rep says then."""
WISHES: tuple[tuple[Act, str | None, dict[str, str]], ...] = (
    (Act.ACCEPT, None, {}),
    (Act.REJECT, "NOT_A_BUYER", {}),
    (Act.RECYCLE, "EARLY_RESEARCH", {"wake": "none"}),
    (Act.DISQUALIFY, "DO_NOT_CONTACT", {}),
    (Act.SNOOZE, None, {"until": "1d"}),
    (Act.REROUTE, None, {"to": COLLEAGUE.user_id}),
)
"""What is decided most often."""
EVERY_REASON = tuple(
    (one.act, one.code, {one.requires: NEEDED[one.requires]} if one.requires else {})
    for one in RULES.reasons.reasons
)
TOLD: tuple[tuple[FeedbackType, dict[str, str]], ...] = (
    *((FeedbackType.SCORE_ACCURACY, {"verdict": verdict}) for verdict in VERDICTS),
    (FeedbackType.SCORE_ACCURACY, {"verdict": "too_high", "contribution": "demo request form"}),
    (FeedbackType.OBJECTION, {"category": "price", "verbatim": "twice what we pay now"}),
    (FeedbackType.OBJECTION, {"category": "competitor", "competitor": "Rival"}),
    (FeedbackType.QUESTION_HEARD, {"question": "Is there an export?"}),
    (FeedbackType.CONTENT_REQUEST, {"topic": "a comparison", "needed_by": "2w"}),
    (FeedbackType.DATA_CORRECTION, {"field": "email", "proposed": "right@northwind.example"}),
    (FeedbackType.DEFINITION_DISPUTE, {"criterion": NEEDED["criterion"], "proposal": "100 or more"}),
    (FeedbackType.MESSAGE_MISMATCH, {"expected": "a free trial"}),
    (FeedbackType.KUDOS, {}),
    (FeedbackType.NOTE, {"text": "good one"}),
    (FeedbackType.WIN_REASON, {"reason": "the demo"}),
)
ON_THE_LIST = frozenset({"move", "mark", "range", "mark_shown", "unmark"})
"""What a rep does that changes marks and cursor alone: should it change more, the next look finds it."""
GIVES_BACK = frozenset({ReplyKind.RETURNED, ReplyKind.OVERTURNED})
ANSWERS = (*GIVES_BACK, ReplyKind.UPHELD, ReplyKind.NO_CHANGE, ReplyKind.CHANGED)


class Broken(AssertionError):
    """A rule was broken."""


def must(holds: object, what: str) -> None:
    if not holds:
        raise Broken(what)


class RandomDay:
    """One day in an office. `busy`: decisions are sent, leads come back from the CRM, colleagues take some."""

    def __init__(self, place: Office, other: Desk, dice: random.Random, *, busy: bool) -> None:
        self.place = place
        self.other = other
        """The same books, open in another process."""
        self.dice = dice
        self.busy = busy
        self.tray = Tray(place.clock, (OWN,))
        self.tray.load(place.desk.entries())
        self.morning = dict(self.tray.inbox.entries)
        self.taken: set[LeadId] = set()
        """Leads that a colleague changed: no undo of the rep's brings those back."""

    def run(self, steps: int) -> None:
        """Take steps, then undo everything."""
        doings = self.doings()
        for _ in range(steps):
            doing = self.dice.choice(doings)
            doing()
            self.look(whole=doing.__name__ not in ON_THE_LIST)
        self.undo_everything()
        self.look()
        self.compare_with_the_morning()

    def doings(self) -> Sequence[Callable[[], None]]:
        """Return what a rep and the world may do, the likely ones more than once."""
        moving = [self.move, self.mark, self.mark, self.range, self.mark_shown, self.unmark]
        looking = [self.view, self.filter, self.sort, self.wait]
        acting = [self.decide, self.decide, self.decide, self.tell, self.undo, self.undo, self.settle]
        world = [self.refresh, self.elsewhere]
        if self.busy:
            world += [self.sync, self.sync, self.colleague, self.marketing, self.read]
        return moving + looking + acting + world

    # On the list

    def move(self) -> None:
        self.tray.move_to(self.tray.index + self.dice.choice((-3, -1, 1, 1, 2, 50)))

    def mark(self) -> None:
        self.tray.toggle_mark()

    def range(self) -> None:
        self.tray.toggle_range()

    def mark_shown(self) -> None:
        self.tray.mark_shown()

    def unmark(self) -> None:
        self.tray.unmark()

    def view(self) -> None:
        self.tray.look_at(self.dice.choice(self.tray.views))

    def filter(self) -> None:
        self.tray.filter(self.dice.choice(FILTERS))

    def sort(self) -> None:
        order = self.dice.choice((*COLUMNS, None))
        with self.the_cursor_stays():
            self.tray.sort(order.turn() if order is not None and self.dice.random() < 0.3 else order)

    def wait(self) -> None:
        self.place.clock.go(minutes=self.dice.choice((1, 20, 200)))
        with self.the_cursor_stays():
            self.tray.pass_time()

    @contextmanager
    def the_cursor_stays(self) -> Iterator[None]:
        before = self.tray.cursor
        yield
        must(before is None or self.tray.cursor == before, "the cursor moved by itself")

    # At the desk

    def targets(self) -> tuple[LeadId, ...]:
        targets = self.tray.targets()
        must(set(targets) <= set(self.tray.shown), "an act met a lead that was not shown")
        return targets

    def decide(self) -> None:
        act, reason, said = self.dice.choice(WISHES if self.dice.random() < 0.6 else EVERY_REASON)
        params, note = {name: text for name, text in said.items() if name != "note"}, said.get("note", "")
        if targets := self.targets():
            with self.only_a_note_is_unknown(targets):
                acted = self.place.desk.decide(targets, act, reason=reason, params=params, note=note)
                self.decided(targets, acted)

    def decided(self, targets: tuple[LeadId, ...], acted: Acted) -> None:
        must({one.lead_id for one in acted.items} <= set(targets), "a lead was decided that was not meant")
        must(len(acted.items) + len(acted.skipped) == len(targets), "a lead was passed over in silence")
        self.tray.take(acted.entries)

    def tell(self) -> None:
        kind, payload = self.dice.choice(TOLD)
        if targets := self.targets():
            with self.only_a_note_is_unknown(targets):
                self.decided(targets, self.place.desk.feedback(targets, kind, payload))

    def settle(self) -> None:
        """Take one of the ways out of the queue."""
        desk = self.place.desk
        waiting = [item for item in desk.queue() if item.state in UNDELIVERED]
        if not waiting:
            return
        item = self.dice.choice(waiting)
        ways: list[Callable[[], object]] = [lambda: desk.drop([item.id]), lambda: desk.retry([item.id])]
        if item.state is State.CONFLICT:
            ways.append(lambda: desk.keep_mine(item.id))
        with suppress(NotAllowed):  # the CRM may have it, or the lead is gone
            self.dice.choice(ways)()
        self.tray.absorb(desk.entries_of([item.lead_id]))

    @contextmanager
    def only_a_note_is_unknown(self, targets: tuple[LeadId, ...]) -> Iterator[None]:
        """Let the desk refuse a lead that vanished: its note is all that is left of it."""
        try:
            yield
        except UnknownLead:
            ghost = self.tray._ghost
            must(ghost is not None and targets == (ghost[0].lead_id,), "a lead that is shown is not there")

    def undo(self) -> Undone | None:
        try:
            undone = self.place.desk.undo()
        except NotAllowed:
            return None
        self.tray.take(undone.entries, follow=undone.entries[0].lead_id if undone.entries else None)
        return undone

    # The world

    def refresh(self) -> None:
        entries = self.place.desk.entries()
        with self.the_cursor_stays():
            if self.dice.random() < 0.5:
                self.tray.load(entries)
            else:
                self.tray.absorb(entries)

    def elsewhere(self) -> None:
        """Let another process decide a lead."""
        self.other.changed_elsewhere()
        here = sorted(entry.lead_id for entry in self.other.entries())
        if not here:
            return
        acted = self.other.decide([self.dice.choice(here)], Act.ACCEPT)
        seen = self.place.desk.changed_elsewhere()
        must(seen or not acted.items, "what another process wrote is not seen")
        self.refresh_all()

    def sync(self) -> None:
        self.place.synced()
        self.refresh_all()

    def colleague(self) -> None:
        """Let a colleague take a lead; the rep's copy does not know of it yet."""
        some = self.dice.choice(sorted(self.morning))
        self.taken.add(some)
        if some in self.place.crm.leads:
            self.place.crm.reassign(some)

    def marketing(self) -> None:
        """Let marketing answer what was sent; what it gives back is on the list again, and comes first."""
        crm = self.place.crm
        sent = [item for item in self.place.desk.queue() if item.state is State.APPLIED]
        if sent:
            item, kind = self.dice.choice(sent), self.dice.choice(ANSWERS)
            reply = Reply(
                f"r{len(crm.answers)}", item.id, kind, "Because", by="Kim Weber", at=self.place.clock()
            )
            crm.answers.append(reply)
            if kind in GIVES_BACK and item.lead_id in crm.leads:
                self.taken.add(item.lead_id)
                crm.change(item.lead_id, status=LeadStatus.ASSIGNED, owner=ME, last_decision_id=None)
            self.sync()

    def read(self) -> None:
        """Read what was answered."""
        desk = self.place.desk
        unread = [one.reply.reply_id for one in desk.answers().answers if one.is_unread]
        must(desk.see(unread) == len(unread), "an answer was read that was not there")
        must(desk.status().unread == 0, "an answer stays unread")
        self.refresh_all()

    def refresh_all(self) -> None:
        with self.the_cursor_stays():
            self.tray.load(self.place.desk.entries())

    # What must be true

    def look(self, *, whole: bool = True) -> None:
        """Look at marks and cursor; `whole`: compare the list with one that is made afresh too."""
        tray, inbox = self.tray, self.tray._plain
        must(inbox.marks <= set(inbox.shown), "a mark is on what is not shown")
        must(tray.cursor is not None or not tray.shown, "there is no cursor")
        if not whole:
            return
        afresh = Inbox(view=inbox.view, query=inbox.query, order=inbox.order, views=inbox.views)
        afresh = afresh.with_entries(self.place.desk.entries(), inbox.at)
        must(dict(inbox.entries) == dict(afresh.entries), "the leads are not those on the disk")
        must(inbox.listed == afresh.listed, "the view or its order is wrong")
        must(inbox.shown == afresh.shown, "the filter is wrong")
        must(inbox.counts == afresh.counts, "the counts are wrong")

    def undo_everything(self) -> None:
        """Undo until there is nothing to undo, sending in between where this is a busy day."""
        for _ in range(200):
            if self.undo() is None:
                break
        else:
            raise Broken("undo never ends")
        if self.busy:
            self.sync()
            self.sync()

    def compare_with_the_morning(self) -> None:
        tray = self.tray
        tray.look_at(View.INBOX)
        tray.filter("")
        tray.sort(None)
        morning = Inbox.of(self.morning.values(), tray.inbox.at, views=tray.views)
        if not self.busy:
            must(tray.shown == morning.shown, "undoing everything did not bring the list back")
            must(tray.counts == morning.counts, "undoing everything did not bring the counts back")
            must(dict(tray._plain.entries) == self.morning, "undoing everything did not bring the leads back")
            must(self.place.desk.outbox.standing() == (), "something stands that was undone")
            return
        untouched = [one for one in morning.shown if one not in self.taken]
        must([one for one in tray.shown if one in untouched] == untouched, "a lead is not back in its place")
        left = [item for item in self.place.desk.outbox.all() if item.state in UNDELIVERED]
        must(all(item.lead_id in self.taken for item in left), "something is left to send")


def invented(number: int) -> dict[str, object]:
    """Return what makes the leads of an office differ."""
    usual = lead(number)
    assert usual.score is not None
    assert usual.sla_due_at is not None
    assert usual.assigned_at is not None
    return {
        "source": ("webinar", "event", "content")[number % 3],
        "country": ("DE", "FR")[number % 2],
        "score": replace(usual.score, score=30.0 + number * 7 % 50, band="ABCD"[number % 4]),
        "sla_due_at": usual.sla_due_at.replace(hour=(7 * number) % 24),
        "status": LeadStatus.WORKING if number % 5 == 4 else LeadStatus.ASSIGNED,
        "contacted_at": usual.assigned_at if number % 4 == 3 else None,
        "attempts": 9 if number % 4 == 3 else 0,
    }


@contextmanager
def office_of_random_leads(folder: Path) -> Iterator[Office]:
    """Open an office whose leads differ."""
    place = office(folder, leads=LEADS)
    try:
        for number, one in enumerate(list(place.crm.leads)):
            place.crm.change(one, **invented(number))
        place.synced()
        yield place
    finally:
        place.close()


@contextmanager
def another_process(place: Office) -> Iterator[Desk]:
    """Open the books of an office once more."""
    other = place.another_desk()
    try:
        yield other
    finally:
        other.outbox.close()
        other.leads.close()


def random_days(seeds: Sequence[int], *, steps: int, busy: bool = False) -> None:
    """Spend a day for each seed; Broken names the seed of the first that went wrong."""
    per_office = 1 if busy else DAYS_IN_AN_OFFICE
    for first in range(0, len(seeds), per_office):
        with ExitStack() as stack:
            place = stack.enter_context(office_of_random_leads(stack.enter_context(folder_in_memory())))
            other = stack.enter_context(another_process(place))
            for seed in seeds[first : first + per_office]:
                try:
                    RandomDay(place, other, random.Random(seed), busy=busy).run(steps)
                except Broken as broken:
                    raise Broken(f"day {seed}, busy={busy}: {broken}") from broken
