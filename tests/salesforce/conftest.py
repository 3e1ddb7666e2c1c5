"""One server for the orgs of these tests, and an org in either mode with its rep's adapter and marketing's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.salesforce.room import Room
from tests.salesforce.world import Door, door


@pytest.fixture(scope="session")
def behind() -> Iterator[tuple[Door, str]]:
    with door() as made:
        yield made


@pytest.fixture(params=[True, False], ids=["object", "tasks"])
async def room(request: pytest.FixtureRequest, behind: tuple[Door, str]) -> AsyncIterator[Room]:
    """An org with the object for decisions, and one without."""
    made = Room(*behind, with_object=request.param)
    yield made
    await made.close()


@pytest.fixture
async def with_object(behind: tuple[Door, str]) -> AsyncIterator[Room]:
    """An org with the object for decisions."""
    made = Room(*behind)
    yield made
    await made.close()
