"""Reps who sign in at stand-ins of HubSpot and Salesforce. Nothing here is used unasked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.signing import FREE, WORK, SeatHere
from tests.hubspot.portal import Portal
from tests.hubspot.portal import app as portal_app
from tests.salesforce.fake_cli import FakeCli
from tests.salesforce.org import Org
from tests.salesforce.org import app as org_app
from tests.serving import served


@pytest.fixture
def portal() -> Portal:
    made = Portal()
    made.tokens.rotates = True
    return made


@pytest.fixture
def hubspot(portal: Portal) -> Iterator[str]:
    with served(portal_app(portal)) as url:
        yield url


@pytest.fixture
def org() -> Org:
    return Org(rotates=True)


@pytest.fixture
def salesforce(org: Org) -> Iterator[str]:
    with served(org_app(org)) as url:
        yield url


@pytest.fixture
def seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SeatHere]:
    """A rep at a desktop with a keyring; what it holds in the end stands nowhere else."""
    monkeypatch.setattr("keyring.core._keyring_backend", None)  # what an earlier test made it choose
    made = SeatHere(tmp_path / "home")
    made.has_a_browser()
    yield made
    made.shows_none_of(*made.kept.values())


@pytest.fixture
def by_browser(org: Org, salesforce: str, seat: SeatHere) -> tuple[str, ...]:
    """The words of a sign-in in the browser; each secret that the org gave is looked for in the end."""
    return (*WORK, "--crm", "salesforce", "--with", "browser", "--url", salesforce,
            "--option", f"client_id={org.client_id}", "--option", FREE)  # fmt: skip


@pytest.fixture
def cli(org: Org, salesforce: str, seat: SeatHere, tmp_path: Path) -> FakeCli:
    made = FakeCli(tmp_path / "sf-cli")
    family = org.tokens.sign_in(org.me, org.client_id, "api")
    made.signed_in(salesforce, org.username, family.access)
    seat.more = {"PATH": f"{made.folder}{os.pathsep}{seat.environ['PATH']}"}
    return made
