"""Two windows on one profile: what is decided in one stands in the other, and nobody pressed a key there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screens.app import LOOK_EVERY
from tests.cli.shell import Shell
from tests.embedded_server import running_server
from tests.fakes import Office, lead_id, office
from tests.terminal import Terminal
from triage.domain.act import Act

pytestmark = [pytest.mark.pty, pytest.mark.timeout(180)]
TRIAGE = [sys.executable, "-m", "triage"]
PATIENCE = 40.0
CURSOR = "▌"
LEADS = 12


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell with leads. Nothing is sent by itself, however long a slow machine takes from one step to the next."""
    with running_server(leads=LEADS) as crm:
        rep = Shell(tmp_path / "home", token=crm.rep_token)
        rep.ok("login", "work", "--url", crm.url)
        (settings,) = rep.home.rglob("config.toml")
        settings.write_text(f"{settings.read_text()}\n[sync]\nhold = 3600\n")
        rep.ok("pull")
        yield rep


def window(shell: Shell) -> Terminal:
    return Terminal(TRIAGE, env=shell.environ)


def under_the_cursor(screen: Terminal, lead: dict[str, str]) -> str:
    """Return a pattern that the screen shows while the cursor is on this lead."""
    return rf"^{CURSOR}.*{lead['name']}"


def test_what_another_process_decides_appears_without_a_key_and_the_cursor_stays(shell: Shell) -> None:
    above, here, below = shell.ok("list", "--json").json[:3]
    with window(shell) as screen:
        screen.wait_for(under_the_cursor(screen, above), patience=PATIENCE)
        screen.press("j")
        screen.wait_for(under_the_cursor(screen, here), patience=PATIENCE)
        for left, lead in ((LEADS - 1, below), (LEADS - 2, above)):
            shell.ok("decide", "accept", lead["lead_id"])
            screen.wait_for(rf"Inbox {left}\b", patience=PATIENCE)
            screen.wait_until_gone(lead["name"], patience=PATIENCE)
            screen.wait_for(under_the_cursor(screen, here), patience=PATIENCE)
        shell.ok("undo")
        screen.wait_for(above["name"], patience=PATIENCE)
        screen.wait_for(under_the_cursor(screen, here), patience=PATIENCE)


def test_what_is_decided_in_one_window_appears_in_the_other(shell: Shell) -> None:
    first, second = shell.ok("list", "--json").json[:2]
    with window(shell) as one, window(shell) as other:
        one.wait_for(under_the_cursor(one, first), patience=PATIENCE)
        other.wait_for(under_the_cursor(other, first), patience=PATIENCE)
        other.press("j")
        other.wait_for(under_the_cursor(other, second), patience=PATIENCE)
        one.press("a")
        one.wait_for("accepted.*u undoes", patience=PATIENCE)
        other.wait_until_gone(first["name"], patience=PATIENCE)
        other.wait_for(under_the_cursor(other, second), patience=PATIENCE)
        assert not {"locked", "Traceback"} & set(
            (bytes(one.raw) + bytes(other.raw)).decode(errors="replace").split()
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    made = office(tmp_path)
    yield made
    made.close()


WAYS: dict[str, Callable[[Office], object]] = {
    "a look": lambda _place: None,
    "an own decision": lambda place: place.desk.decide([lead_id(2)], Act.ACCEPT),
    "a sync": lambda place: place.synced(),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_app_hears_of_what_another_process_wrote_whatever_took_it_in(place: Office, way: str) -> None:
    place.desk.changed_elsewhere()
    other = place.another_desk()
    other.decide([lead_id(1)], Act.ACCEPT)
    WAYS[way](place)
    assert place.desk.changed_elsewhere()
    assert not place.desk.changed_elsewhere()
    other.outbox.close()
    other.leads.close()


def test_the_app_hears_nothing_of_its_own_writes(place: Office) -> None:
    place.desk.changed_elsewhere()
    place.desk.decide([lead_id(1)], Act.ACCEPT)
    place.synced()
    assert not place.desk.changed_elsewhere()


def test_the_app_looks_at_least_once_a_second_for_what_others_wrote() -> None:
    assert LOOK_EVERY <= 1.0
