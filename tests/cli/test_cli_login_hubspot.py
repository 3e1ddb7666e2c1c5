"""`triage login` at HubSpot: with a key and an e-mail, and through an app of the company's own."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.cli.signing import FREE, WORK, Seat, saved
from tests.cli.telling_keyring import TOKEN as SENTINEL
from tests.hubspot.portal import Portal
from tests.terminal import Terminal

# HubSpot, with a key


def with_key(seat: Seat, portal: Portal, url: str, *more: str, name: str = "work"):
    words = ("login", name, "--crm", "hubspot", "--url", url, "--token-stdin", *more)
    return seat.run(*words, stdin=f"{portal.token}\n")


def test_a_key_and_an_e_mail_say_who_it_is_and_the_portal_is_remembered(portal, hubspot, seat):
    ran = with_key(seat, portal, hubspot, "--option", f"email={portal.email}")
    assert (ran.code, seat.kept) == (0, {"work": portal.token})
    (profile,) = seat.ok("profiles", "--json").json
    assert profile["account_id"] == str(portal.portal_id)
    assert (profile["user_id"], profile["options"]) == (portal.me, {"email": portal.email})
    assert profile["user_name"] in ran.err
    assert portal.me in seat.ok("whoami").out


def test_a_missing_e_mail_is_named_and_nothing_is_saved(portal, hubspot, seat):
    ran = with_key(seat, portal, hubspot)
    assert ran.code == 2
    assert "--option email=" in ran.err
    assert (saved(seat), seat.kept) == ("", {})


def test_at_a_terminal_the_e_mail_is_asked_for(portal, hubspot, seat):
    asked = []

    def prompt(words: str, **_options: object) -> str:
        asked.append(words)
        return portal.email if "e-mail" in words else portal.token

    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    with mock.patch("click.prompt", prompt), mock.patch("triage.cli.granting.sys", terminal):
        seat.ok(*WORK, "--crm", "hubspot", "--url", hubspot)
    assert asked == ["Your e-mail address as a HubSpot user", "Token"]
    assert seat.kept == {"work": portal.token}


@pytest.mark.pty
def test_a_key_that_is_typed_is_not_echoed(portal, hubspot, tmp_path):
    seat = Seat(tmp_path / "home")
    words = [sys.executable, "-m", "triage", *WORK, "--crm", "hubspot", "--url", hubspot]
    with Terminal(words, env=seat.environ) as screen:
        screen.wait_for("Your e-mail address")
        screen.type(f"{portal.email}\r")
        screen.wait_for("Token")
        screen.type(f"{portal.token}\r")
        assert screen.wait_for_exit() == 0
        assert portal.token.encode() not in bytes(screen.raw)
    assert seat.kept == {"work": portal.token}


def test_somebody_whom_the_crm_does_not_know_is_not_saved(portal, hubspot, seat):
    ran = with_key(seat, portal, hubspot, "--option", "email=nobody@example.com")
    assert ran.code != 0
    assert (saved(seat), seat.kept) == ("", {})


def test_a_key_of_another_portal_is_refused_and_what_is_kept_stays(portal, hubspot, seat):
    with_key(seat, portal, hubspot, "--option", f"email={portal.email}")
    before, kept = saved(seat), seat.kept
    portal.state.portal_id += 1
    portal.token = "another-5d41402abc4b2a76b9719d"
    ran = with_key(seat, portal, hubspot)
    assert (ran.code, saved(seat), seat.kept) == (2, before, kept)
    assert "belongs to" in ran.err


def test_a_marketer_says_so_and_it_is_remembered(portal, hubspot, seat):
    with_key(seat, portal, hubspot, "--option", f"email={portal.email}", "--role", "marketing")
    (profile,) = seat.ok("profiles", "--json").json
    assert profile["role"] == "marketing"
    with_key(seat, portal, hubspot)
    (profile,) = seat.ok("profiles", "--json").json
    assert profile["role"] == "marketing"


def test_what_the_profile_says_of_its_account_survives_signing_in_again(portal, hubspot, seat):
    with_key(seat, portal, hubspot, "--option", f"email={portal.email}")
    path = seat.home / "config" / "config.toml"
    mine = '\n[profiles.work.fields] # ours\nscore = "own_score" # agreed in May\n\n[ui]\ntheme = "dark"\n'
    path.write_text(path.read_text() + mine)
    seat.ok(*WORK, "--token-stdin", stdin=f"{portal.token}\n")
    assert 'score = "own_score" # agreed in May' in saved(seat)
    (profile,) = seat.ok("profiles", "--json").json
    assert profile["fields"] == {"score": "own_score"}


# HubSpot, in a browser


@pytest.fixture
def by_app(portal: Portal, hubspot: str) -> tuple[str, ...]:
    scope = " ".join(sorted(portal.scopes))
    return (*WORK, "--crm", "hubspot", "--with", "browser", "--url", hubspot, "--option", FREE,
            "--option", f"client_id={portal.tokens.client_id}", "--option", f"scope={scope}")  # fmt: skip


def test_an_apps_secret_comes_from_a_variable_and_is_kept_nowhere(portal, by_app, seat):
    seat.more = {"TRIAGE_CLIENT_SECRET": portal.tokens.client_secret}
    seat.ok(*by_app)
    assert set(seat.kept) == {"work", "work refresh"}
    assert portal.email in saved(seat)
    for family, _ in portal.tokens.access.values():
        assert not family.revoked
    portal.tokens.access.clear()
    assert portal.me in seat.ok("whoami").out
    assert portal.tokens.reused == []
    seat.shows_none_of(portal.tokens.client_secret, *portal.tokens.spent, *portal.tokens.refresh)


def test_an_apps_secret_that_is_typed_is_kept_in_the_keyring_until_one_signs_out(portal, by_app, seat):
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    with (
        mock.patch("click.prompt", return_value=portal.tokens.client_secret),
        mock.patch("triage.cli.granting.sys", terminal),
    ):
        seat.ok(*by_app)
    assert seat.kept["work app"] == portal.tokens.client_secret
    portal.tokens.access.clear()
    assert portal.me in seat.ok("whoami").out
    seat.shows_none_of(portal.tokens.client_secret)
    seat.ok("logout", "work")
    assert seat.kept == {}


def test_a_key_that_replaces_an_apps_sign_in_leaves_no_refresh_token_behind(portal, hubspot, by_app, seat):
    seat.more = {"TRIAGE_CLIENT_SECRET": portal.tokens.client_secret}
    seat.ok(*by_app)
    with_key(seat, portal, hubspot)
    assert seat.kept == {"work": portal.token}
    assert "way" not in saved(seat)


def at_a_terminal(seat: Seat, *words: str, says: str) -> list[str]:
    """Run a command with somebody there who says one thing to whatever is asked; returns what was asked."""
    asked: list[str] = []

    def prompt(question: str, **_options: object) -> str:
        asked.append(question)
        return says

    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    with mock.patch("click.prompt", prompt), mock.patch("triage.cli.granting.sys", terminal):
        seat.run(*words)
    return asked


def test_an_apps_secret_that_was_changed_is_typed_anew(portal, by_app, seat):
    old = portal.tokens.client_secret
    at_a_terminal(seat, *by_app, says=old)
    (asked,) = at_a_terminal(seat, *by_app, says="")
    assert "Enter: the one that is kept" in asked
    assert seat.kept["work app"] == old
    portal.tokens.client_secret = "changed-5d41402abc4b2a76"
    at_a_terminal(seat, *by_app, says=portal.tokens.client_secret)
    assert seat.kept["work app"] == portal.tokens.client_secret
    assert portal.me in seat.ok("whoami").out
    seat.shows_none_of(old, portal.tokens.client_secret)


def test_the_secret_of_one_app_is_never_given_to_another(portal, by_app, seat):
    old = portal.tokens.client_secret
    at_a_terminal(seat, *by_app, says=old)
    portal.tokens.client_id, portal.tokens.client_secret = "another-app", None  # a public one
    other = ("--option", "client_id=another-app", "--option", "email=" + portal.email)
    (asked,) = at_a_terminal(seat, *by_app, *other, says="")
    assert "kept" not in asked
    assert set(seat.kept) == {"work", "work refresh"}
    portal.tokens.access.clear()
    assert portal.me in seat.ok("whoami").out


def test_another_person_in_the_browser_does_not_take_over_a_profile(portal, by_app, seat):
    seat.more = {"TRIAGE_CLIENT_SECRET": portal.tokens.client_secret}
    seat.ok(*by_app)
    before, kept = saved(seat).replace(portal.email, "colleague@example.com"), seat.kept
    (seat.home / "config" / "config.toml").write_text(before)
    assert "The browser is signed in to HubSpot as" in seat.said(2, *by_app)
    assert (saved(seat), seat.kept) == (before, kept)


def test_a_secret_that_is_wrong_signs_nobody_in(portal, by_app, seat):
    seat.more = {"TRIAGE_CLIENT_SECRET": SENTINEL}
    assert "with this app" in seat.said(4, *by_app)
    assert (saved(seat), seat.kept) == ("", {})
    seat.shows_none_of(SENTINEL)
