"""The live CRM of a run, for its tests: without `make live` there is none, and they are left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.live import people, services
from tests.live.company import Company
from tests.live.place import VARIABLE, Place, read

collect_ignore_glob = [] if VARIABLE in os.environ else ["test_live_*.py"]


@pytest.fixture(scope="session")
def live() -> Place:
    if VARIABLE not in os.environ:
        pytest.skip("a live server is brought up by make live")
    return read(os.environ[VARIABLE])


@pytest.fixture(scope="session")
def company(live) -> Iterator[Company]:
    with Company(live, people.read(live)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def all_is_up_again(request) -> Iterator[None]:
    """Start what a test that failed has left switched off."""
    yield
    if request.node.get_closest_marker("live") is not None:
        for service in services.all_of(request.getfixturevalue("live")):
            if service.pid is None:
                service.start()


@pytest.fixture
def figure(live) -> Callable[[str], None]:
    """Keep a figure for the end of the run."""

    def keep(words: str) -> None:
        with live.figures.open("a", encoding="utf-8") as file:
            file.write(f"{words}\n")

    return keep
