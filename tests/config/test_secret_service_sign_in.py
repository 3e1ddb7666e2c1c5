"""The tokens of a sign-in by OAuth in a real Secret Service: there together, renewed together, gone together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import Keyring
from tests.cli.signing import BROWSER
from tests.config.secret_service import Bus, InsideSeat, needs_secret_service, private_bus
from tests.config.test_secret_service import PATIENCE, entries, files_with
from tests.hubspot.portal import Portal
from tests.hubspot.portal import app as portal_app
from tests.salesforce.org import Org
from tests.salesforce.org import app as org_app
from tests.serving import served

FREE = "redirect_uri=http://127.0.0.1/OauthRedirect"
pytestmark = needs_secret_service


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bus]:
    """A keyring of a test's own, and a desktop whose browser agrees."""
    script = tmp_path / "bin" / "xdg-open"
    script.parent.mkdir()
    script.write_text(BROWSER)
    script.chmod(0o700)
    with private_bus() as made, made.keyring():
        monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", made.address)
        monkeypatch.setattr("keyring.core._keyring_backend", None)  # what an earlier test made it choose
        monkeypatch.setitem(Keyring.__init__.__kwdefaults__, "limit", PATIENCE)
        yield made


def test_salesforces_tokens_are_kept_renewed_and_forgotten_together(bus: Bus, tmp_path: Path) -> None:
    org, seat = Org(rotates=True), InsideSeat(tmp_path / "home", surroundings=bus.environ)
    with served(org_app(org)) as url:
        service = f"triage:salesforce:{url.removeprefix('http://')}"
        options = ("--option", f"client_id={org.client_id}", "--option", FREE)
        seat.ok("login", "work", "--crm", "salesforce", "--with", "browser", "--url", url, *options)
        family = org.tokens.families[-1]
        first = {(service, "work"): family.access, (service, "work refresh"): family.refresh}
        assert entries() == first
        org.tokens.end_sessions()
        assert org.me in seat.ok("whoami").out
        assert entries() == {(service, "work"): family.access, (service, "work refresh"): family.refresh}
        assert not set(first.values()) & set(entries().values())
        secrets = [*first.values(), *entries().values(), *org.grants]
        seat.ok("logout", "work")
    assert entries() == {}
    assert org.tokens.reused == []
    for secret in secrets:
        assert files_with(secret, tmp_path, bus.home) == []
        assert secret not in "".join(seat.printed)


def test_hubspots_key_and_an_apps_tokens_never_stay_behind_one_another(bus: Bus, tmp_path: Path) -> None:
    portal = Portal()
    app_secret = {"TRIAGE_CLIENT_SECRET": portal.tokens.client_secret}
    seat = InsideSeat(tmp_path / "home", surroundings={**bus.environ, **app_secret})
    with served(portal_app(portal)) as url:
        service = f"triage:hubspot:{url.removeprefix('http://')}"
        options = (f"client_id={portal.tokens.client_id}", FREE, f"scope={' '.join(sorted(portal.scopes))}")
        words = [word for option in options for word in ("--option", option)]
        seat.ok("login", "work", "--crm", "hubspot", "--with", "browser", "--url", url, *words)
        assert set(entries()) == {(service, "work"), (service, "work refresh")}
        seat.ok("login", "work", "--crm", "hubspot", "--url", url, "--token-stdin", stdin=f"{portal.token}\n")
        assert entries() == {(service, "work"): portal.token}
        seat.ok("logout", "work")
    assert entries() == {}
    assert portal.tokens.client_secret not in "".join(seat.printed)
