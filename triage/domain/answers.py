"""Marketing's answers on one lead: which stand, which the rep has not read, and whether one brought it back.

Pure; the words are raw.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from triage.domain.review import REVIEWS, Reply, ReplyKind

BRINGS_BACK = frozenset({ReplyKind.RETURNED, ReplyKind.OVERTURNED})
"""The replies by which a rejected lead is assigned again."""
BECAUSE_OF_YOU = frozenset({ReplyKind.CHANGED, ReplyKind.DELIVERED})
"""The replies that say that something is other, or there, now."""
KINDS = {
    ReplyKind.ACKNOWLEDGED: "noted",
    ReplyKind.NEED_INFO: "asks you",
    ReplyKind.PLANNED: "planned",
    ReplyKind.CHANGED: "changed",
    ReplyKind.DELIVERED: "delivered",
    ReplyKind.NO_CHANGE: "no change",
    ReplyKind.RETURNED: "returned",
    ReplyKind.OVERTURNED: "overturned",
    ReplyKind.UPHELD: "upheld",
}
"""What marketing did, in human words."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class Answers(Struct, frozen=True):
    """All answers on one lead, the newest first; one at least."""

    replies: tuple[Reply, ...]
    unread: frozenset[str] = frozenset()
    """Ids of those that the rep has not seen, here or elsewhere."""

    @classmethod
    def of(cls, replies: Iterable[Reply], unread: frozenset[str] = frozenset()) -> Answers:
        """Put replies in order; `unread` may name others too."""
        ordered = newest_first(replies)
        return cls(ordered, unread & {reply.reply_id for reply in ordered})

    @property
    def latest(self) -> Reply:
        """The one to tell first: the newest of those that were not read, else the newest."""
        return next((one for one in self.replies if one.reply_id in self.unread), self.replies[0])

    @property
    def verdict(self) -> Reply | None:
        """The last word on a decision: upheld, returned or overturned; None where there is none."""
        return next((one for one in self.replies if one.kind in REVIEWS), None)

    @property
    def at(self) -> datetime:
        """When the newest came."""
        return self.replies[0].at or _NEVER


class Thanks(Struct, frozen=True):
    """How much marketing has changed because of a rep: only what it can point at."""

    this_quarter: int = 0
    ever: int = 0


def newest_first(replies: Iterable[Reply]) -> tuple[Reply, ...]:
    """Return replies by their moment, the newest first; one of no moment is last."""
    return tuple(sorted(replies, key=lambda one: (one.at or _NEVER, one.reply_id), reverse=True))


def thanks(replies: Iterable[Reply], now: datetime) -> Thanks:
    """Count the answers by which something was changed or delivered that marketing points at, by a link.

    The quarter is that of the calendar where the rep is. One change that answers many counts once.
    """
    moments: dict[str, datetime] = {}
    for reply in replies:
        if reply.kind in BECAUSE_OF_YOU and reply.link:
            at, link = reply.at or _NEVER, reply.link.strip().casefold()
            moments[link] = max(at, moments.get(link, at))
    quarter = _quarter(now)
    return Thanks(sum(_quarter(at) == quarter for at in moments.values()), len(moments))


def _quarter(moment: datetime) -> tuple[int, int]:
    try:
        local = moment.astimezone()
    except (OverflowError, ValueError):  # before all time, or a clock at its end
        local = moment
    return local.year, (local.month - 1) // 3
