"""The desk: what a rep may do, whoever asks. On the store thread only; a write is durable on return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from triage.desk.answers import Answered, answered
from triage.desk.books import Books
from triage.desk.later import Later
from triage.domain.act import Act
from triage.domain.decision import Shown
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import LeadId
from triage.domain.people import access_ends_words
from triage.sync.room import ACCESS_ENDS

if TYPE_CHECKING:
    from triage.desk import deciding, resolving, results, telling, undoing
    from triage.desk import history as past
    from triage.desk.history import Stretch
    from triage.desk.results import Acted, Preview, Status, Undone
    from triage.desk.weighing import Plan
    from triage.sync import claim
else:
    deciding, resolving = Later("triage.desk.deciding"), Later("triage.desk.resolving")
    telling, undoing = Later("triage.desk.telling"), Later("triage.desk.undoing")
    past, results = Later("triage.desk.history"), Later("triage.desk.results")
    claim = Later("triage.sync.claim")

SENT_SHOWN_FOR = timedelta(days=7)
"""How long what was sent stays in the queue's listing."""


class Desk(Books):
    """The books of one profile, and what may be written into them."""

    _plan: Plan | None = None
    """What the last preview showed: recorded as it is, if it still holds then."""

    def preview(
        self,
        lead_ids: Sequence[LeadId],
        act: Act,
        *,
        reason: str | None = None,
        params: Mapping[str, str] | None = None,
        note: str = "",
    ) -> Preview:
        """Say what `decide` would do. Writes nothing; raises as `decide` does."""
        wish = deciding.Wish(act, reason, dict(params or {}), note)
        self._plan = deciding.weigh(self, lead_ids, wish, self.clock())
        return deciding.preview(self._plan)

    def write_ahead(self, shown: Mapping[LeadId, Shown]) -> None:
        """While a preview is being read, make ready what a yes to it would record. Records nothing."""
        if self._plan is not None:
            self._plan = deciding.as_shown(self._plan, shown)
            self.outbox.write_ahead(deciding.items(self, self._plan, shown, self.clock()))

    def forget_preview(self) -> None:
        """Let go of what the last preview made ready: nobody says yes to it any more."""
        self._plan = None
        self.outbox.write_ahead(())

    def decide(
        self,
        lead_ids: Sequence[LeadId],
        act: Act,
        *,
        reason: str | None = None,
        params: Mapping[str, str] | None = None,
        note: str = "",
        shown: Mapping[LeadId, Shown] | None = None,
    ) -> Acted:
        """Decide leads as one durable record; those on which the act is not allowed are skipped, with why.

        UnknownLead, UnknownReason and UsageError come before anything is written; WriteFailed means
        that nothing was.
        """
        wish = deciding.Wish(act, reason, dict(params or {}), note)
        with self.outbox.transaction():
            planned, self._plan = self._plan, None
            return deciding.decide(self, lead_ids, wish, shown or {}, planned)

    def preview_feedback(
        self,
        lead_ids: Sequence[LeadId],
        kind: FeedbackType,
        payload: Mapping[str, str],
        *,
        whole: bool = True,
    ) -> Preview:
        """Say what `feedback` would do. Writes nothing. Not `whole`: what has to be said is still to come."""
        return telling.preview(self, lead_ids, kind, payload, whole=whole)

    def feedback(
        self,
        lead_ids: Sequence[LeadId],
        kind: FeedbackType,
        payload: Mapping[str, str],
        *,
        decision_id: str | None = None,
    ) -> Acted:
        """Tell marketing one thing about some leads, as one durable record."""
        with self.outbox.transaction():
            return telling.tell(self, lead_ids, kind, payload, decision_id)

    def undo(self, item_id: str | None = None) -> Undone:
        """Undo the last act that still stands, or the one named, for all its leads; a drop comes back.

        NotAllowed when there is nothing to undo.
        """
        with self.outbox.transaction():
            if item_id is not None:
                return undoing.undo(self, item_id)
            undone = resolving.undo_drop(self) or undoing.undo(self, None)
            return replace(undone, then=resolving.next_drop(self) or undoing.latest_act(self))

    def history(self, since: datetime) -> Stretch:
        """Return what was decided and told since a moment, act by act."""
        return past.Stretch.of(self.outbox.since(since), since)

    def answers(self) -> Answered:
        """Return marketing's answers, what was not read first, each with what it answers."""
        return answered(self.answered, self.outbox, self.clock())

    def see(self, reply_ids: Iterable[str]) -> int:
        """Keep durably that the rep has seen replies; the CRM hears of it next. Returns how many are new."""
        wanted = frozenset(reply_ids)
        fresh = [one for one in self.answered.unread() if one.reply_id in wanted]
        return self.answered.seen.mark((one.reply_id for one in fresh), self.clock()) if fresh else 0

    def queue(self, *, everything: bool = False) -> tuple[Item, ...]:
        """Return what is undelivered and what was sent of late; all of it when `everything`."""
        if everything:
            return self.outbox.all()
        return self.outbox.since(self.clock() - SENT_SHOWN_FOR)

    def retry(self, ids: Iterable[str]) -> int:
        """Queue refused items again, and make waiting ones due; returns how many."""
        with self.outbox.transaction():
            return resolving.retry(self, ids)

    def drop(self, ids: Iterable[str]) -> int:
        """Withdraw items that the CRM does not have; NotAllowed where that is not certain."""
        with self.outbox.transaction():
            return resolving.drop(self, ids)

    def keep_mine(self, item_id: str) -> Acted:
        """Decide the same once more, knowing what the CRM has now."""
        with self.outbox.transaction():
            return resolving.keep_mine(self, item_id)

    def status(self) -> Status:
        """Return how things stand, without reading any lead."""
        counts, expired = self.outbox.counts(), self.expired()
        notices = (*self.outbox.db.notices, *self.leads.db.notices)
        return results.Status(
            counts=counts,
            offline=self.offline,
            fetched_at=_moment(self.leads.note("fetched_at")),
            last_sync_at=_moment(self.leads.note("synced_at")),
            last_error=str(self.leads.note("sync_error") or ""),
            next_due=claim.next_due(self.outbox, self.clock()) if counts[State.QUEUED] else None,
            notices=(*notices, expired) if expired else notices,
            expired=expired,
            unread=len(self.answered.unread()),
            access=self.access_words(),
        )

    def expired(self) -> str:
        """Say that the leads were dropped for their age, until they are fetched again; else nothing."""
        fetched_at = _moment(self.leads.note("expired"))
        if fetched_at is None or self.leads.note("fetched_at"):
            return ""
        days = (self.clock() - fetched_at).days
        return f"Leads fetched {days} days ago were removed; `triage sync` fetches them again."

    def access_words(self) -> str:
        """Say that the CRM will soon not take the token any more; nothing while there is time."""
        ends = _moment(self.leads.note(ACCESS_ENDS))
        return "" if ends is None else access_ends_words(ends, self.clock())

    @property
    def offline(self) -> bool:
        """Whether the rep chose to work offline."""
        chosen = self.outbox.note("offline")
        return self._offline_at_first if chosen is None else bool(chosen)

    def set_offline(self, offline: bool) -> None:  # noqa: FBT001 - the choice itself
        """Remember the rep's choice; it stops the sync in the background, not the command."""
        self.outbox.remember("offline", offline)

    def changed_elsewhere(self) -> bool:
        """Take in what others have written; says whether there was anything since this was last asked.

        A write of our own, or a sync, may have taken it in already: the front end has to hear of that too.
        """
        self.outbox.db.refresh()
        self.leads.db.refresh()
        before, self._told = self._told, (self.outbox.db.news, self.leads.db.news)
        return self._told != before


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
