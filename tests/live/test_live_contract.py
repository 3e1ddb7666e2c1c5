"""The BottleCRM adapter keeps what every adapter promises, at a real BottleCRM."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.live.stage import LiveStage, staged
from triage.crm.contract import CrmContract

pytestmark = pytest.mark.live


class TestBottleCrmLive(CrmContract):
    @pytest.fixture
    async def stage(self, live, company) -> AsyncIterator[LiveStage]:
        async with staged(live, company) as stage:
            yield stage
