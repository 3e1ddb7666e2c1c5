"""What a test of an adapter stands on: its CRM as the author sets it up, and items to send to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

import pytest

from triage.clock import new_id, utc_now
from triage.crm.checked import Checked
from triage.crm.port import Crm, LeadPage
from triage.domain.act import Act
from triage.domain.decision import Decision, Shown, Snapshot
from triage.domain.definition import Definition
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus

WRONG_TOKEN = "a-token-that-no-CRM-has-given-0123456789"  # noqa: S105 - wrong on purpose
AWKWARD = "Ünïcode 漢字 \u202e[red]x[/red] \x1b[31m 👩‍💻 'quoted' \"twice\" \\ \ud800"
"""Text that must come back as it went: other scripts, markup, controls, a lone surrogate."""


class Stage(Protocol):
    """One test's CRM, as the author of an adapter sets it up."""

    @property
    def crm(self) -> Crm:
        """The adapter, signed in as a rep who has three or more assigned leads without contact."""

    @property
    def marketing(self) -> Crm | None:
        """The adapter, signed in as marketing; None where the CRM keeps no review."""

    def signed_in_with(self, token: str) -> Crm:
        """Return an adapter on the same CRM with another token."""

    def unreachable(self) -> Crm:
        """Return an adapter on an address where nothing listens."""

    def losing_answers(self) -> Crm:
        """Return an adapter whose writes reach the CRM while every answer is lost on the way back."""

    async def take_away(self, lead_id: LeadId) -> None:
        """Let someone else take the lead, behind the adapter's back."""

    async def effects(self, item_id: str) -> int:
        """Count how often the item has taken effect, by the CRM's own records."""


class CheckedStage:
    """A stage whose adapters are looked after: what is not of the port's types is said in a sentence."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.crm = _checked(stage.crm)
        self.marketing = None if stage.marketing is None else _checked(stage.marketing)

    def signed_in_with(self, token: str) -> Crm:
        """Return an adapter on the same CRM with another token."""
        return _checked(self._stage.signed_in_with(token))

    def unreachable(self) -> Crm:
        """Return an adapter on an address where nothing listens."""
        return _checked(self._stage.unreachable())

    def losing_answers(self) -> Crm:
        """Return an adapter whose writes take effect while every answer is lost."""
        return _checked(self._stage.losing_answers())

    async def take_away(self, lead_id: LeadId) -> None:
        """Let someone else take the lead."""
        await self._stage.take_away(lead_id)

    async def effects(self, item_id: str) -> int:
        """Count how often the item has taken effect."""
        return await self._stage.effects(item_id)


class OnStage:
    """What all parts of the contract stand on: a stage of the author's, and the same one looked after."""

    @pytest.fixture
    def stage(self) -> Stage:
        """Override it: set up the CRM, yield the stage, close the adapters."""
        raise NotImplementedError("override the fixture `stage`: see triage.crm.contract.Stage")

    @pytest.fixture
    def checked(self, stage: Stage) -> Stage:
        """Return the stage with its adapters held to the port's types, as triage holds them."""
        return CheckedStage(stage)


def decision_on(lead: Lead, act: Act = Act.ACCEPT, **more: object) -> Item:
    """Return a decision on its way; `more` are fields of Decision (reason, params, note, of …)."""
    snapshot = Snapshot.of(lead, Definition(version="1"), Shown())
    decision = Decision(new_id(), lead.lead_id, act, utc_now(), snapshot, **more)  # type: ignore[arg-type]  # a test's shorthand
    return Item(State.SENDING, due_at=utc_now(), decision=decision)


def feedback_on(lead: Lead, text: str = "They asked for a price list.") -> Item:
    """Return a note on its way."""
    feedback = Feedback(new_id(), lead.lead_id, FeedbackType.NOTE, {"text": text}, utc_now())
    return Item(State.SENDING, due_at=utc_now(), feedback=feedback)


async def pages_of(crm: Crm, cursor: str | None = None) -> list[LeadPage]:
    """Return all pages of a fetch."""
    return [page async for page in crm.fetch(cursor)]


async def fresh_leads(crm: Crm) -> list[Lead]:
    """Return the rep's leads that no one has decided or contacted: two at least, as the stage promises."""
    leads = leads_of(await pages_of(crm))
    fresh = [lead for lead in leads if lead.status is LeadStatus.ASSIGNED and not lead.contacted_at]
    assert len(fresh) > 1, (
        "the stage's rep needs three or more leads that are assigned and not contacted; the fetch gave "
        f"{len(leads)} leads, {len(fresh)} of them so: see Lead.status and Lead.contacted_at"
    )
    return fresh


def leads_of(pages: Iterable[LeadPage]) -> list[Lead]:
    """Return the leads of pages."""
    return [lead for page in pages for lead in page.leads]


def _checked(crm: Crm) -> Crm:
    return cast("Crm", Checked(type(crm).__name__, crm, "the adapter"))
