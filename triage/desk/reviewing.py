"""Marketing's side of the desk: reads what waits at the CRM, and answers it there. Keeps none of it here.

Only the moment of the last visit is written down, in the cache; all else is the CRM's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from triage.crm.port import Crm, decisions_of, feedback_of, reply_all_at
from triage.domain.content import ContentAsset
from triage.domain.review_words import words_of
from triage.domain.reviewing import Matter, Reviewed, id_of, matters_of
from triage.errors import AnswerLost, CrmError, TriageError

if TYPE_CHECKING:
    from triage.desk.session import Session
    from triage.domain.definition import Definition
    from triage.domain.reasons import ReasonBook
    from triage.domain.review import Reply

AT_ONCE = 50
"""Answers that are sent together: what is said about the rest is never far behind."""
_VISITED = "review_visited"
"""The cache's note of when the review was last looked at."""


class Read(Struct, frozen=True):
    """What the CRM had to say, and the rules it is judged by."""

    items: tuple[Reviewed, ...]
    definition: Definition
    reasons: ReasonBook
    at: datetime
    assets: tuple[ContentAsset, ...] = ()

    def matters(self, now: datetime) -> tuple[Matter, ...]:
        """Return what waits or was answered."""
        return matters_of(self.items, self.definition, self.reasons, now)

    def words_for(self, matter: Matter) -> str:
        """Return what a matter says, in human words; raw."""
        return words_of(matter, self.reasons, self.definition)


class Sent(Struct, frozen=True):
    """What became of answers: by reply id why one was refused (empty: taken); missing ids were not sent."""

    results: Mapping[str, str]
    stopped: TriageError | None = None
    """Why the rest was not sent."""


def unheard(_count: int) -> None:
    """Tell nobody."""


async def read(
    crm: Crm,
    definition: Definition,
    reasons: ReasonBook,
    now: datetime,
    told: Callable[[int], object] = unheard,
) -> Read:
    """Read all decisions and feedback that the token may see, each once as it is now. Raises CrmError.

    The rules are the CRM's, else those given; `told` hears how many items have come so far.
    """
    found: dict[str, Reviewed] = {}
    async for decision in decisions_of(crm, team=False):
        found[decision.decision_id] = decision
        told(len(found))
    async for feedback in feedback_of(crm, team=False):
        found[feedback.feedback_id] = feedback
        told(len(found))
    agreed, codes = await crm.definition(), await crm.reasons()
    return Read(tuple(found.values()), agreed or definition, codes or reasons, now, await _assets(crm))


async def _assets(crm: Crm) -> tuple[ContentAsset, ...]:
    """Return what an answer may point at; an adapter without that word has none."""
    ask = getattr(crm, "assets", None)
    try:
        return () if ask is None else await ask()
    except CrmError:  # nobody came here for these
        return ()


async def answer(crm: Crm, replies: Sequence[Reply], told: Callable[[int], object] = unheard) -> Sent:
    """Send answers, some at a time, up to the first failure that concerns them all.

    Each is idempotent by its id: what was not sent, or may have been, is sent again under the same one.
    """
    results: dict[str, str] = {}
    for start in range(0, len(replies), AT_ONCE):
        some = replies[start : start + AT_ONCE]
        try:
            results.update(await reply_all_at(crm, some))
        except CrmError as error:
            return Sent(results, error)
        missing = [one for one in some if one.reply_id not in results]
        if missing:
            return Sent(results, AnswerLost(f"The CRM said nothing about {len(missing)} of them."))
        told(len(results))
    return Sent(results)


def replied(items: Iterable[Reviewed], replies: Iterable[Reply]) -> tuple[Reviewed, ...]:
    """Return items with the answers that were just taken, until they are read afresh."""
    from triage.domain.reviewing import answered_with  # noqa: PLC0415 - reading alone does without

    given: dict[str, list[Reply]] = {}
    for reply in replies:
        given.setdefault(reply.of, []).append(reply)
    found = []
    for item in items:
        for reply in given.get(id_of(item), ()):
            item = answered_with(item, reply)  # noqa: PLW2901 - one answer after the other
        found.append(item)
    return tuple(found)


def last_visit(session: Session) -> datetime | None:
    """Return what moment was last seen in the review; None: never. On the store's thread."""
    noted = session.desk.leads.note(_VISITED)
    return datetime.fromisoformat(noted) if isinstance(noted, str) else None


def note_visit(session: Session, seen: datetime) -> None:
    """Remember up to when the review was seen. On the store's thread."""
    session.desk.leads.remember(_VISITED, seen.isoformat())
