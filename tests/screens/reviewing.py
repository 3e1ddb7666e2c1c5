"""A marketing profile's session on a CRM in memory, for tests of the review."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

from screens.review.app import ReviewApp
from tests.fakes import FakeCrm
from tests.insights import world
from tests.screens.sample import NOW
from tests.screens.stage import StagedSession, session_with
from tests.screens.watching import Watch, until
from triage.domain.act import Act
from triage.domain.lead import Owner
from triage.domain.people import Rep
from triage.domain.review import Reply, ReplyKind, ReviewedDecision, ReviewedFeedback

MARKETER = Rep("U-90", "Kim Example", "marketing", "A-1")
REPS = (Owner("rep-1", "Robin Example"), Owner("rep-2", "Sam Example"), Owner("rep-3", "Toni Example"))
PARTS = [
    {"label": "VP or C-level title", "points_applied": 25.0, "dimension": "fit"},
    {"label": "webinar attended", "points_applied": 18.0, "dimension": "engagement"},
    {"label": "company 50+ people", "points_applied": 10.0, "dimension": "fit"},
    {"label": "free mail address", "points_applied": -8.0, "dimension": "fit"},
]
SEEN: dict[str, Any] = world.SEEN | {
    "contributions": PARTS,
    "criteria": [
        {"criterion_id": "company-size", "result": "pass"},
        {"criterion_id": "title-level", "result": "fail"},
        {"criterion_id": "intent", "result": "unknown"},
    ],
    "shown": {"since": None, "dwell_ms": 6400, "position": 3},
}


def rejected(number: int, *, days: float = 3, **more: Any) -> ReviewedDecision:
    """Return a rejection of a consultant who was scored as a VP."""
    return world.decided(
        Act.REJECT,
        lead_id=f"L-{number:04}",
        decision_id=f"D-{number:04}",
        rep=REPS[number % 3],
        reason=more.pop("reason", "WRONG_PERSONA"),
        params=more.pop("params", {"criterion": "title-level"}),
        company=more.pop("company", f"Company {number}"),
        decided_at=NOW - timedelta(days=days),
        snapshot=SEEN | more.pop("snapshot", {}),
        **more,
    )


def told(number: int, kind: str = "score_accuracy", *, days: float = 1, **more: Any) -> ReviewedFeedback:
    """Return feedback; that the score was too high, if nothing else is asked for."""
    payload = more.pop("payload", {"verdict": "too_high", "contribution": "VP or C-level title"})
    return world.told(
        kind,
        lead_id=f"L-{number:04}",
        feedback_id=f"F-{number:04}",
        rep=REPS[number % 3],
        payload=payload,
        created_at=NOW - timedelta(days=days),
        routed_to=more.pop("routed_to", "scoring"),
        **more,
    )


def answer_to(item: ReviewedDecision, kind: ReplyKind = ReplyKind.PLANNED, **more: Any) -> Reply:
    return Reply(f"R-{item.decision_id}", item.decision_id, kind, at=NOW - timedelta(hours=5), **more)


def believable() -> tuple[list[ReviewedDecision], list[ReviewedFeedback]]:
    """Return three weeks of a small team's words."""
    decisions = [rejected(number, days=9) for number in range(1, 13)]
    decisions += [
        rejected(
            n, days=2, reason="NOT_ICP_COMPANY", params={"criterion": "company-size"}, campaign="2026Q4-fair"
        )
        for n in range(13, 20)
    ]
    first = rejected(20, days=12, reason="LOW_INTENT", note="one page view in March")
    decisions.append(
        rejected(20, days=12, reason="LOW_INTENT", replies=(answer_to(first, text="We raise it."),))
    )
    feedback = [told(number) for number in range(21, 43)]
    feedback += [
        told(50, "objection", payload={"category": "price", "verbatim": "twice what we pay now"}, days=7),
        told(51, "content_request", payload={"topic": "ROI sheet for logistics"}, routed_to="content"),
        told(52, "note", payload={"text": "The landing page promises a free trial."}, routed_to="demand gen"),
    ]
    return decisions, feedback


class ReviewCrm(FakeCrm):
    """The CRM of whoever looks; what is answered is there at the next reading."""

    who: Rep = MARKETER
    broken: Exception | None = None
    before_answers: Callable[[], Any] | None = None

    async def whoami(self) -> Rep:
        self._reach()
        return self.who

    async def reply_all(self, replies: Sequence[Reply]) -> Any:
        if self.before_answers is not None:
            await self.before_answers()
        if self.broken is not None:
            error, self.broken = self.broken, None
            raise error
        return await super().reply_all(replies)


@contextmanager
def review_session(
    folder: Any, clock: Any, decisions: Any = (), feedback: Any = (), who: Rep = MARKETER
) -> Any:
    """Open a session of somebody's on a CRM that holds these."""
    with session_with(folder, (), clock) as session:
        crm = ReviewCrm(clock)
        crm.who = session.rep = who
        crm.reviewed_decisions, crm.reviewed_feedback = tuple(decisions), tuple(feedback)

        async def connect() -> ReviewCrm:
            return crm

        session.connect = connect
        yield session, crm


@asynccontextmanager
async def reviewing(
    session: StagedSession, size: tuple[int, int] = (80, 24), *, reads: bool = True, **options: Any
) -> AsyncIterator[Watch]:
    """Run the review until the block ends; `reads`: wait until everything is read."""
    app = ReviewApp(session, clock=session.desk.clock, **options)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        watch = Watch(app, pilot)
        await until(lambda: app.is_running and app.day.room is not None)
        if reads:
            await until(lambda: app.review.board.read is not None and app.review.reading is None)
        await pilot.pause()
        yield watch
