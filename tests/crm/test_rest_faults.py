"""Every fault of the embedded CRM, over a real socket: what is said of the item, and what is true of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.embedded_server import RunningServer, running_server
from triage.crm.contract import decision_on, fresh_leads
from triage.crm.rest import RestCrm
from triage.domain.outcome import Absent, Already, Applied, Conflicted, Unknown
from triage.errors import CrmError, NotSignedIn, RateLimited

WRITE = "POST /v1/decisions"
FAULTS = [
    ("latency", Applied, Already),
    ("500-before-commit", Unknown, Absent),
    ("500-after-commit", Unknown, Already),
    ("drop-before-commit", Unknown, Absent),
    ("drop-after-commit", Unknown, Already),
    ("conflict", Conflicted, Absent),
    ("reassign", Conflicted, Absent),
    ("partial", Unknown, Already),
    ("html", Unknown, Absent | Already),
    ("truncate", Unknown, Absent | Already),
]
RAISED: dict[str, type[CrmError]] = {"401": NotSignedIn, "429": RateLimited}
"""What concerns no item but the whole account."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    struck = [(WRITE, name) for name, *_ in FAULTS]
    with running_server(leads=40, faults=[*struck, *((WRITE, name) for name in RAISED)]) as running:
        yield running


@pytest.fixture
async def crm(server: RunningServer) -> AsyncIterator[RestCrm]:
    adapter = RestCrm(server.url, server.rep_token)
    yield adapter
    await adapter.aclose()


async def test_each_fault_is_told_as_it_is_and_none_has_two_effects(crm: RestCrm):
    """One test, because the server strikes in the order of its list."""
    for name, said, true in FAULTS:
        item = decision_on((await fresh_leads(crm))[0])
        outcome = (await crm.push([item]))[item.id]
        assert isinstance(outcome, said), name
        assert isinstance(await crm.verify(item), true), name
    for error in RAISED.values():
        item = decision_on((await fresh_leads(crm))[0])
        with pytest.raises(error):
            await crm.push([item])
        assert await crm.verify(item) == Absent()


async def test_reads_come_through_a_crm_that_stumbles():
    stumbles = "429:0.1,truncate:0.1,latency:0.2"
    with running_server(leads=40, faults=stumbles) as server:
        crm = RestCrm(server.url, server.rep_token)
        pages = [page async for page in crm.fetch(None)]
        await crm.aclose()
    assert sum(len(page.leads) for page in pages) == 40
