"""The CRM in memory of the other suites keeps the shipped contract too: what they prove, they prove of a CRM.

It sees to it that nothing happens twice only when it is told to (`blind=False`): elsewhere that is the
sender's care, and the fake counts how well it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from msgspec.structs import replace

from tests.fakes import FakeCrm
from triage.clock import utc_now
from triage.crm.contract import CrmContract
from triage.crm.port import Capabilities
from triage.domain.item import Item
from triage.domain.lead import LeadId
from triage.domain.outcome import Outcome
from triage.domain.people import Rep
from triage.errors import NotSignedIn


class _Refusing(FakeCrm):
    """The same CRM for a token that it does not take."""

    async def whoami(self) -> Rep:
        raise NotSignedIn("The CRM does not take the token.")

    async def push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        raise NotSignedIn("The CRM does not take the token.")


class _Unreviewed(FakeCrm):
    """The same CRM as it is: what marketing says is put into it by a test, and no one signs in as marketing."""

    async def capabilities(self) -> Capabilities:
        return replace(await super().capabilities(), replies=False)


class FakeStage:
    """The stage on one fake; it keeps no review for marketing."""

    marketing = None

    def __init__(self) -> None:
        self.crm = _Unreviewed.with_leads(utc_now, 6, blind=False)

    def signed_in_with(self, _token: str) -> FakeCrm:
        return _Refusing(utc_now)

    def unreachable(self) -> FakeCrm:
        return FakeCrm(utc_now, down=True)

    def losing_answers(self) -> FakeCrm:
        self.crm.faults = ["drop-after"]
        return self.crm

    async def take_away(self, lead_id: LeadId) -> None:
        self.crm.reassign(lead_id)

    async def effects(self, item_id: str) -> int:
        return self.crm.effects_of(item_id)


class TestFakeCrm(CrmContract):
    @pytest.fixture
    def stage(self) -> FakeStage:  # type: ignore[override]  # a stage without marketing is one too
        return FakeStage()
