"""What waits for marketing's word: rejections, recycles and feedback, each open, overdue or answered. Pure.

Owns what counts as waiting, when an answer is due, and which answers a thing can have. Texts are raw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2s
from typing import Any

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.definition import Definition
from triage.domain.feedback import FeedbackType
from triage.domain.reasons import ReasonBook
from triage.domain.review import REVIEWS, Reply, ReplyKind, ReviewedDecision, ReviewedFeedback

Reviewed = ReviewedDecision | ReviewedFeedback
ANSWERED_FOR = frozenset({Act.REJECT, Act.RECYCLE})
"""The acts that tell marketing that something was wrong with what it sent, or with when."""
BRINGS_BACK = frozenset({ReplyKind.RETURNED, ReplyKind.OVERTURNED})
"""The replies by which the lead goes back to the rep."""
NEVER = datetime.min.replace(tzinfo=UTC)
_SAME_BY: dict[str, tuple[str, ...]] = {
    FeedbackType.SCORE_ACCURACY: ("verdict", "contribution"),
    FeedbackType.OBJECTION: ("category", "competitor"),
    FeedbackType.DATA_CORRECTION: ("field",),
    FeedbackType.DEFINITION_DISPUTE: ("criterion", "proposal"),
    FeedbackType.QUESTION_HEARD: ("question",),
}
"""The fields of a payload that make two pieces of feedback say the same."""


class Standing(StrEnum):
    """How a thing stands with marketing."""

    OPEN = "open"
    OVERDUE = "overdue"
    ANSWERED = "answered"


class Matter(Struct, frozen=True):
    """One thing that a rep told marketing, and how it stands."""

    item: Reviewed
    content: tuple[str, ...]
    """Equal for two things that say the same."""
    standing: Standing
    due_at: datetime | None
    """When an answer is due; None: the teams agreed on no number of days, or nobody knows since when."""
    routed_to: str
    """Who answers: a team, or a campaign's owner; empty where nobody says."""
    group: str
    """The key of all that says the same, or was said by one act; the same for everybody who looks."""
    stands: bool = False
    """Whether the lead is still where this decision brought it, as far as the decisions tell."""

    @property
    def id(self) -> str:
        """The decision's or the feedback's id: what a reply names."""
        return id_of(self.item)

    @property
    def is_decision(self) -> bool:
        """Whether it is a decision; else it is feedback."""
        return isinstance(self.item, ReviewedDecision)

    @property
    def what(self) -> str:
        """The act, or the type of the feedback."""
        return self.item.act if isinstance(self.item, ReviewedDecision) else self.item.type

    @property
    def reason(self) -> str:
        """The reason's code; of feedback its type."""
        return (self.item.reason or "") if isinstance(self.item, ReviewedDecision) else self.item.type

    @property
    def criterion(self) -> str:
        """The line of the definition it points at, or nothing."""
        return _word(self.details.get("criterion"))

    @property
    def details(self) -> Mapping[str, Any]:
        """The parameters of the act, or the payload of the feedback."""
        return self.item.params if isinstance(self.item, ReviewedDecision) else self.item.payload

    @property
    def words(self) -> str:
        """What the rep said in words of their own."""
        if isinstance(self.item, ReviewedDecision):
            return self.item.note
        said = (_word(self.item.payload.get(name)) for name in _IN_WORDS)
        return " · ".join(part for part in said if part)

    @property
    def rep(self) -> str:
        """The rep's name, or their id."""
        return self.item.rep.name or self.item.rep.user_id

    @property
    def source(self) -> str:
        """Where the lead came from."""
        return _word(self.item.lead.get("source"))

    @property
    def campaign(self) -> str:
        """The campaign's name as it is tracked."""
        return _word(self.item.lead.get("campaign"))

    @property
    def campaign_owner(self) -> str:
        """Whose campaign it is, where the CRM says."""
        return _word(self.item.lead.get("campaign_owner"))

    @property
    def account(self) -> str:
        """What makes accounts distinct: the account's id, else the company's name."""
        return _word(self.item.lead.get("account_id") or self.item.lead.get("company"))

    @property
    def lead_name(self) -> str:
        """The lead's name, else its id."""
        return _word(self.item.lead.get("name")) or self.item.lead_id

    @property
    def at(self) -> datetime | None:
        """When the rep said it."""
        return self.item.decided_at if isinstance(self.item, ReviewedDecision) else self.item.created_at

    @property
    def changed_at(self) -> datetime:
        """When something last happened to it: it was said, came to the CRM, or was answered."""
        moments = (self.at, self.item.applied_at, *(reply.at for reply in self.item.replies))
        return max((at for at in moments if at is not None), default=NEVER)

    @property
    def is_answered(self) -> bool:
        """Whether marketing has said anything to it."""
        return self.standing is Standing.ANSWERED

    def is_of(self, names: Iterable[str]) -> bool:
        """Whether it is somebody's who goes by these names or ids: routed to them, or of their campaign."""
        owners = {owner.casefold() for owner in (self.campaign_owner, self.routed_to) if owner}
        return any(name.casefold() in owners for name in names if name)


_IN_WORDS = ("text", "verbatim", "comment", "question", "topic", "expected", "proposal", "proposed", "reason")


def id_of(item: Reviewed) -> str:
    """Return the id by which an item is answered."""
    return item.decision_id if isinstance(item, ReviewedDecision) else item.feedback_id


def waits(item: Reviewed) -> bool:
    """Whether an item is something marketing answers: not what was undone, nor what only sales acts on."""
    if isinstance(item, ReviewedDecision):
        return item.act in ANSWERED_FOR and item.state != "superseded"
    return item.type != FeedbackType.RETRACTION and item.state != "retracted"


def matters_of(
    items: Iterable[Reviewed], definition: Definition, reasons: ReasonBook, now: datetime
) -> tuple[Matter, ...]:
    """Return what waits or was answered, the oldest first."""
    every = tuple(items)
    waiting = [item for item in every if waits(item)]
    contents = {id_of(item): content_of(item) for item in waiting}
    mixed = _mixed_batches(waiting, contents)
    last = _last_decisions(every)
    days = definition.targets.get("reply_days")
    owners = {(reason.act.value, reason.code): reason.routes_to for reason in reasons.reasons}
    found = [
        Matter(
            item=item,
            content=contents[id_of(item)],
            standing=_standing(item, due := _due(item, days), now),
            due_at=due,
            routed_to=_owner(item, owners),
            group=_key(item.batch_id, contents[id_of(item)], mixed),
            stands=_stands(item, last),
        )
        for item in waiting
    ]
    return tuple(sorted(found, key=lambda one: (one.at or NEVER, one.id)))


def content_of(item: Reviewed) -> tuple[str, ...]:
    """Return what makes an item say the same as another; a note stands by itself."""
    if isinstance(item, ReviewedDecision):
        lead = item.lead
        said = (item.reason, item.params.get("criterion"), lead.get("source"), lead.get("campaign"))
        # Of "other" only the note says what was meant.
        return (item.act, *map(_folded, said), _folded(item.note) if item.reason == "OTHER" else "")
    if item.type == FeedbackType.CONTENT_REQUEST:
        request = item.payload.get("request_id")
        return (item.type, "request", _word(request)) if request else _by_fields(item, ("topic",))
    if item.type == FeedbackType.MESSAGE_MISMATCH:
        return (*_by_fields(item, ("expected",)), _folded(item.lead.get("campaign")))
    fields = _SAME_BY.get(item.type)
    return _by_fields(item, fields) if fields else (item.type, item.feedback_id)


def _by_fields(item: ReviewedFeedback, fields: tuple[str, ...]) -> tuple[str, ...]:
    return (item.type, *(_folded(item.payload.get(name)) for name in fields))


def _mixed_batches(items: Iterable[Reviewed], contents: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the bulk acts whose items do not all say the same: each stays together, by itself."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for item in items:
        if item.batch_id:
            said.setdefault(item.batch_id, set()).add(contents[id_of(item)])
    return frozenset(batch for batch, several in said.items() if len(several) > 1)


def _key(batch_id: str | None, content: tuple[str, ...], mixed: frozenset[str]) -> str:
    """Return a key short enough to be typed, made of what is said and not of when it was looked at."""
    parts = ("batch", batch_id) if batch_id is not None and batch_id in mixed else content
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return f"g-{blake2s(text, digest_size=5).hexdigest()}"


def _last_decisions(items: Iterable[Reviewed]) -> dict[str, str]:
    """Return by lead the last decision that was not undone or replaced."""
    standing = (one for one in items if isinstance(one, ReviewedDecision) and one.state != "superseded")
    placed = (one for one in standing if one.act != Act.RESTORE)
    return {one.lead_id: one.decision_id for one in sorted(placed, key=lambda one: one.decided_at or NEVER)}


def _stands(item: Reviewed, last: Mapping[str, str]) -> bool:
    if not isinstance(item, ReviewedDecision):
        return False
    came_back = any(reply.kind in BRINGS_BACK for reply in item.replies)
    return last.get(item.lead_id) == item.decision_id and not came_back


def _due(item: Reviewed, days: float | None) -> datetime | None:
    at = item.decided_at if isinstance(item, ReviewedDecision) else item.created_at
    if at is None or days is None:
        return None
    try:
        return at + timedelta(days=days)
    except OverflowError:
        return None


def _standing(item: Reviewed, due: datetime | None, now: datetime) -> Standing:
    if item.replies or item.state in ("answered", "reviewed"):
        return Standing.ANSWERED
    return Standing.OVERDUE if due is not None and due < now else Standing.OPEN


def _owner(item: Reviewed, owners: Mapping[tuple[str, str], str]) -> str:
    if isinstance(item, ReviewedFeedback):
        return item.routed_to
    return owners.get((item.act, item.reason or ""), "")


def objection_to(matter: Matter, kind: ReplyKind) -> str:
    """Return why a thing cannot have this answer, in a sentence, or an empty text."""
    if kind not in REVIEWS:
        return ""
    if not matter.is_decision:
        return f"{kind} answers a decision, and this is feedback."
    if kind in BRINGS_BACK and not matter.stands:
        return "The lead has moved on since this decision."
    return ""


def needs_text(kind: ReplyKind) -> bool:
    """Whether an answer says nothing without a reason."""
    return kind is ReplyKind.NO_CHANGE


def answered_with(item: Reviewed, reply: Reply) -> Reviewed:
    """Return an item as it is once a reply to it was taken."""
    from msgspec.structs import replace  # noqa: PLC0415 - only marketing's side answers

    known = any(one.reply_id == reply.reply_id for one in item.replies)
    return item if known else replace(item, replies=(*item.replies, reply))


def _word(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _folded(value: object) -> str:
    return " ".join(_word(value).casefold().split())
