"""Words of `triage login` that are off; and signing in from the welcome screen, with the fewest questions."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.cli.signing import WORK, Seat, saved
from tests.cli.telling_keyring import TOKEN as SENTINEL
from tests.cli.test_cli_login_hubspot import with_key
from triage.cli import signing_in
from triage.errors import UsageError

# Words that are off


def test_a_secret_is_not_taken_as_an_option_and_not_repeated(seat):
    for name in ("client_secret", "token", "api_key", "refresh-token", "password", "service-key"):
        said = seat.said(2, *WORK, "--crm", "hubspot", "--option", f"{name}={SENTINEL}")
        assert "TRIAGE_CLIENT_SECRET" in said
    assert "NAME=VALUE" in seat.said(2, *WORK, "--crm", "hubspot", "--option", "email")
    seat.shows_none_of(SENTINEL)


def test_a_secret_in_the_settings_is_refused_with_its_line(seat):
    path = seat.home / "config" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        f'[profiles.work]\ncrm = "hubspot"\n[profiles.work.options]\nclient_secret = "{SENTINEL}"\n'
    )
    assert "config.toml line 4" in seat.said(2, "profiles")
    path.write_text("")
    seat.shows_none_of(SENTINEL)


def test_an_unknown_way_is_refused_with_those_there_are(seat):
    said = seat.said(2, *WORK, "--crm", "salesforce", "--with", "password")
    assert "browser, device, sf, jwt" in said
    assert "It takes a token" in seat.said(2, *WORK, "--url", "https://crm.example.com", "--with", "browser")
    assert "two ways" in seat.said(2, *WORK, "--crm", "salesforce", "--with", "sf", "--token-stdin")


def test_without_a_terminal_the_ways_are_named(seat):
    assert "--with browser|device|sf|jwt" in seat.said(2, *WORK, "--crm", "salesforce")


def test_a_typed_token_needs_the_orgs_own_address(org, salesforce, seat):
    assert "--url" in seat.said(2, *WORK, "--crm", "salesforce", "--token-stdin", stdin="00D-x\n")
    family = org.tokens.sign_in(org.me, org.client_id, "api")
    seat.ok(*WORK, "--crm", "salesforce", "--url", salesforce, "--token-stdin", stdin=f"{family.access}\n")
    assert org.me in seat.ok("whoami").out


def test_no_sign_in_goes_over_an_open_road(seat):
    for address in (("--url", "http://crm.example.com"), ("--option", "login_url=http://crm.example.com")):
        assert "unencrypted" in seat.said(2, *WORK, "--crm", "salesforce", "--with", "jwt", *address)


@pytest.mark.parametrize(
    "words",
    [
        ("--url", "http://["),
        ("--url", "crm.example.com"),
        ("--url", "https://crm.example.com", "--ca-file", "~nobody-of-this-name/ca.pem"),
        ("--url", "https://crm.example.com", "--option", "key_file=~nobody-of-this-name/key"),
        ("--url", "https://crm.example.com", "--option", "page_url=http://["),
        ("--url", "https://crm.example.com", "--option", "renew=x"),
        ("--url", "https://crm.example.com", "--option", "deadline=x"),
    ],
)
def test_words_that_make_no_sense_are_an_error_in_words(seat, words):
    ran = seat.run(*WORK, "--token-stdin", *words, stdin=f"{SENTINEL}\n")
    assert ran.code == 2
    assert "Something is wrong in triage" not in ran.err
    assert (saved(seat), seat.kept) == ("", {})
    seat.shows_none_of(SENTINEL)


def test_an_option_that_no_adapter_knows_is_said(portal, hubspot, seat):
    ran = with_key(seat, portal, hubspot, "--option", f"email={portal.email}", "--option", "emial=x")
    assert ran.code == 2
    assert "emial" in ran.err
    assert (saved(seat), seat.kept) == ("", {})


# The welcome screen


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("hubspot", ("hubspot", "")),
        (" HubSpot ", ("hubspot", "")),
        ("https://app-eu1.hubspot.com/contacts/1", ("hubspot", "")),
        ("salesforce", ("salesforce", "")),
        ("login.salesforce.com", ("salesforce", "")),
        ("test.salesforce.com", ("salesforce", "https://test.salesforce.com")),
        ("https://acme.lightning.force.com/lightning", ("salesforce", "https://acme.my.salesforce.com")),
        ("https://crm.example.com", ("rest", "https://crm.example.com")),
        ("https://salesforce.com.example.com", ("rest", "https://salesforce.com.example.com")),
        ("https://notsalesforce.com", ("rest", "https://notsalesforce.com")),
        ("http://[", ("rest", "http://[")),
    ],
)
def test_an_address_says_which_crm_it_is(said, means):
    assert signing_in.crm_of(said) == means


def asked_by_welcome(seat: Seat, *answers: str, way: str = ""):
    """Sign in as the welcome screen does; returns what it was asked, and what came of it."""
    from triage.house import House

    asked: list[str] = []
    left = list(answers)

    def prompt(words: str, **_options: object) -> str:
        asked.append(words)
        return left.pop(0)

    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    with (
        mock.patch.dict(os.environ, seat.environ, clear=True),
        mock.patch("click.prompt", prompt),
        mock.patch("triage.cli.granting.sys", terminal),
    ):
        return asked, signing_in.sign_in_here(House.found(os.environ))


def test_the_welcome_screen_asks_a_hubspot_user_for_no_address(portal, hubspot, seat, monkeypatch):
    monkeypatch.setattr(signing_in, "home_of", lambda _kind: hubspot)
    asked, (name, token) = asked_by_welcome(seat, "hubspot", "work", portal.email, portal.token)
    assert asked == [
        "Address of the CRM",
        "Name for this profile",
        "Your e-mail address as a HubSpot user",
        "Service key or private-app token",
    ]
    assert (name, token.reveal(), seat.kept) == ("work", portal.token, {"work": portal.token})


def test_the_welcome_screen_borrows_what_the_clis_sign_in_has(org, cli, seat):
    asked, (name, token) = asked_by_welcome(seat, "salesforce", "work", "sf", "sales")
    assert asked[2:] == ["Sign in with", "Alias or username of the org, as the Salesforce CLI knows it"]
    assert (name, token, seat.kept) == ("work", None, {})
    assert org.me in seat.ok("whoami").out


def test_what_the_welcome_screen_could_not_keep_serves_its_first_session(org, salesforce, seat, monkeypatch):
    seat.more = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    monkeypatch.setattr(signing_in, "crm_of", lambda _said: ("salesforce", salesforce))
    monkeypatch.setattr("triage.crm.salesforce.sign_in.REDIRECT", "http://127.0.0.1/OauthRedirect")
    _, (_, token) = asked_by_welcome(seat, "x", "work", "browser", org.client_id)
    assert token.reveal() == org.tokens.families[-1].access


def test_a_name_that_no_profile_can_have_is_refused_before_anyone_signs_in(org, cli, seat):
    with pytest.raises(UsageError, match="cannot name a profile"):
        asked_by_welcome(seat, "salesforce", "../work", "sf", "sales")
    assert cli.asked == []


def test_a_crm_without_ways_has_none_to_choose_from(monkeypatch):
    monkeypatch.setattr(signing_in, "ways_of", lambda _kind: {})
    with pytest.raises(UsageError, match="triage login"):
        signing_in._way("rest")


def test_a_shell_without_secrets_is_what_the_eyes_look_at(seat, tmp_path):
    """Nothing above would mean anything otherwise."""
    other = replace(seat, home=tmp_path / "other", printed=[f"x{SENTINEL}y"])
    with pytest.raises(AssertionError):
        other.shows_none_of(SENTINEL)
    (seat.home / "logs").mkdir(parents=True)
    (seat.home / "logs" / "x").write_text(SENTINEL)
    with pytest.raises(AssertionError):
        seat.shows_none_of(SENTINEL)
    (seat.home / "logs" / "x").unlink()
