"""Thousands of short days at random: nothing unseen is decided, the list is right, all of it can be undone."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from msgspec.structs import force_setattr

from screens.inbox.tray import Tray
from tests.desk.random_days import (
    EVERY_REASON,
    TOLD,
    Broken,
    RandomDay,
    another_process,
    office_of_random_leads,
    random_days,
)
from triage.desk.desk import Desk
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Inbox
from triage.domain.orders import Order
from triage.errors import NotAllowed

STEPS = 7


@pytest.mark.timeout(900)
def test_undoing_ten_thousand_random_days_gives_back_the_morning():
    random_days(range(10_000), steps=STEPS)


def test_a_random_day_with_syncs_and_colleagues_ends_with_every_lead_in_its_place():
    random_days(range(150), steps=12, busy=True)


@pytest.mark.soak
@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
@pytest.mark.timeout(3600)
def test_long_random_days(busy):
    random_days(range(100_000, 103_000), steps=40, busy=busy)


def test_the_days_are_full(tmp_path):
    seen = set()

    class Watched(RandomDay):
        def doings(self):
            return [self.watched(doing) for doing in super().doings()]

        def undo(self):
            undone = super().undo()
            seen.add(undone.what if undone is not None else "nothing to undo")
            return undone

        def watched(self, doing: Callable[[], None]) -> Callable[[], None]:
            def do() -> None:
                doing()
                items = self.place.desk.outbox.all()
                seen.update({doing.__name__, *(item.state.value for item in items)})
                seen.update(item.decision.act for item in items if item.decision)
                seen.update(item.decision.reason for item in items if item.decision)
                seen.update(item.feedback.type for item in items if item.feedback)
                seen.update("batch" for item in items if item.batch_id)
                seen.update("returned" for entry in self.tray.inbox.entries.values() if entry.returned)
                seen.add("marks" if self.tray.inbox.marks else "no marks")
                seen.add("filtered" if len(self.tray.shown) < len(self.tray.inbox.listed) else "whole")
                seen.add("note" if self.tray._ghost is not None else "no note")

            return do

    for seed in range(80):
        with office_of_random_leads(tmp_path / str(seed)) as place, another_process(place) as other:
            Watched(place, other, random.Random(seed), busy=True).run(16)
    wanted = {
        "queued",
        "withdrawn",
        "superseded",
        "applied",
        "conflict",
        "batch",
        "marks",
        "filtered",
        "note",
        "reviewed",
        "returned",
        "a drop",
    }
    doings = {"elsewhere", "sync", "colleague", "tell", "undo", "settle", "marketing", "read", "sort", "view"}
    said = {kind for kind, _payload in TOLD} - {FeedbackType.WIN_REASON} | {FeedbackType.RETRACTION}
    missing = (wanted | doings | said | {*Act}) - seen
    assert not missing, missing
    assert len({reason for _act, reason, _params in EVERY_REASON} & seen) >= 15


# Each rule is broken once, and has to be found.


def _counts_stand_still(patch):
    patch.setattr(Inbox, "_recounted", lambda _self, counts, _known, _at, _by: counts)


def _marks_stay_on_what_is_hidden(patch):
    whole = Inbox.filtered

    def filtered(self, query, **options):
        made = whole(self, query, **options)
        force_setattr(made, "marks", self.marks)
        return made

    patch.setattr(Inbox, "filtered", filtered)


def _the_cursor_goes_to_the_top_at_every_refresh(patch):
    patch.setattr(Tray, "_stay_on", lambda self, _old: setattr(self, "index", 0))


def _a_changed_lead_is_put_anywhere(patch):
    patch.setattr(Order, "_precedes", lambda *_: True)


def _the_last_lead_of_an_act_is_forgotten(patch):
    take = Tray.take
    patch.setattr(Tray, "take", lambda self, changed, **options: take(self, tuple(changed)[:-1], **options))


def _an_act_meets_the_lead_that_was_there_before(patch):
    kept = {}

    def targets(self):
        return kept.pop(self, ()) or kept.setdefault(self, self.shown[-1:])

    patch.setattr(Tray, "targets", targets)


def _undo_gives_up(patch):
    undo, done = Desk.undo, set()

    def once(self, *ids):
        if self in done:
            raise NotAllowed("There is nothing to undo.")
        done.add(self)
        return undo(self, *ids)

    patch.setattr(Desk, "undo", once)


def _waiting_is_overlooked(patch):
    def later(self, now):
        made = self.arranged(self.at)
        force_setattr(made, "at", now)
        return made

    patch.setattr(Inbox, "later", later)


@pytest.mark.parametrize(
    "mutant",
    [
        _counts_stand_still,
        _marks_stay_on_what_is_hidden,
        _the_cursor_goes_to_the_top_at_every_refresh,
        _a_changed_lead_is_put_anywhere,
        _the_last_lead_of_an_act_is_forgotten,
        _an_act_meets_the_lead_that_was_there_before,
        _undo_gives_up,
        _waiting_is_overlooked,
    ],
    ids=lambda mutant: mutant.__name__.strip("_"),
)
def test_a_broken_rule_is_found(mutant, monkeypatch):
    mutant(monkeypatch)
    with pytest.raises(Broken):
        random_days(range(300), steps=12)
