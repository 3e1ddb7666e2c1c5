"""A shop of a test's own behind one server a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina
from starlette.types import Receive, Scope, Send

from tests.bottlecrm.place import Place
from tests.bottlecrm.shop import App, Shop, app
from tests.serving import served
from tests.tempo import FastTempo

pytest.register_assert_rewrite(
    "tests.bottlecrm.likeness_reading",
    "tests.bottlecrm.likeness_writing",
    "tests.bottlecrm.likeness_following",
)


class Switchboard:
    """One server for many shops: the test of the moment plugs its own in."""

    def __init__(self) -> None:
        self.app: App | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(autouse=True)
def no_pause_between_tries() -> Iterator[None]:
    """A read is tried again as often as ever, and at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="module")
def switchboard() -> Iterator[Switchboard]:
    board = Switchboard()
    with served(board) as board.url:
        yield board


@pytest.fixture
def shop(switchboard: Switchboard) -> Shop:
    """A shop on the server: twelve leads of the rep's, two of a colleague's."""
    made = Shop(FastTempo())
    switchboard.app = app(made)
    return made


@pytest.fixture
def place(switchboard: Switchboard, shop: Shop) -> Iterator[Place]:
    """The shop as the claims of likeness meet it: raw HTTP with everybody's tokens."""
    tokens = {person.name: shop.token_of(person.id) for person in shop.people}
    found = Place(switchboard.url, tokens, shop.session_of(shop.me))
    yield found
    found.close()
