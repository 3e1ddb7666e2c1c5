"""A place that is not safe is named by the doctor, and once by the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import Office, office
from triage.cli import diagnostics, terminal
from triage.store.filesystem import Mount

WARNING = "/home/robin is on a shared file system (nfs4): nothing is promised there."


def test_the_doctor_names_an_unsafe_place_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setattr(diagnostics, "warning_for", lambda _folder: WARNING)
    found = diagnostics._checked("place", diagnostics.CHECKS["place"])
    assert (found.ok, found.detail) == (False, WARNING)
    assert "TRIAGE_HOME" in found.hint


@pytest.mark.parametrize(
    ("mount", "says"), [(Mount(Path("/"), "ext4", "/dev/sda1"), "ext4"), (None, "does not say")]
)
def test_the_doctor_names_a_safe_place_and_claims_nothing_where_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: Mount | None, says: str
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setattr(diagnostics, "warning_for", lambda _folder: "")
    monkeypatch.setattr(diagnostics, "place_of", lambda _folder: mount)
    found = diagnostics._checked("place", diagnostics.CHECKS["place"])
    assert found.ok
    assert str(tmp_path / "state") in found.detail
    assert says in found.detail


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path / "office")


def test_the_app_says_it_once_in_its_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Office
) -> None:
    import screens.app
    from triage.desk.session import Session
    from triage.domain.people import Rep
    from triage.house import House
    from triage.store.thread import StoreThread

    monkeypatch.setattr(terminal, "warning_for", lambda _folder: WARNING)
    monkeypatch.setattr(screens.app, "run", lambda _session, **_options: 0)
    thread = StoreThread()
    session = Session(
        place.desk, thread, place.crm.connect, tmp_path / "sync.lock", "work", "rest", "", Rep("rep-1", "")
    )
    house = House.found({"TRIAGE_HOME": str(tmp_path)})
    for _ in range(2):
        terminal.run_on(session, house)
    assert place.desk.status().notices == (
        f"{WARNING} Set TRIAGE_HOME to a folder on a disk of this machine.",
    )
    thread.close()
    place.close()
