"""Signing in to Salesforce in each of its ways, against the org's own rules; renewing, and borrowing."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crm.browsing import Browser, TokenEndpoint, fetched, query_of
from tests.salesforce.org import Org, app
from tests.serving import served
from tests.tempo import FastTempo
from triage.crm.oauth import device
from triage.crm.salesforce import sign_in
from triage.crm.salesforce.assertion import signed
from triage.errors import (
    BadAnswer,
    NotPermitted,
    NotSignedIn,
    TriageError,
    UsageError,
)

FREE = "http://127.0.0.1/OauthRedirect"
TOKEN = "00D5d41402abc4b2a!AQ.76b9719d911017c592"


@pytest.fixture
def tempo() -> FastTempo:
    return FastTempo()


@pytest.fixture
def org(tempo: FastTempo) -> Org:
    return Org(tempo, rotates=True)


@pytest.fixture
def url(org: Org) -> Iterator[str]:
    with served(app(org)) as address:
        yield address
    assert org.broken_rules == []


@pytest.fixture
def options(org: Org, url: str) -> dict[str, str]:
    return {"client_id": org.client_id, "redirect_uri": FREE, "login_url": url}


@pytest.fixture
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


# In a browser


async def test_a_browser_brings_tokens_that_renew_themselves(org, url, options, browser):
    granted = await sign_in.in_browser("", options, browser)
    assert granted.url == url
    assert dict(granted.options) == {"client_id": org.client_id, "login_url": url}
    assert org.tokens.user_of(granted.tokens.access) == org.me
    org.tokens.end_sessions()
    renewed = await asyncio.to_thread(sign_in.exchange, url, granted.tokens.refresh, **granted.options)
    assert org.tokens.user_of(renewed.access) == org.me
    assert renewed.refresh not in ("", granted.tokens.refresh)
    asked = query_of(browser.told[-1].strip())
    assert asked["scope"] == "api refresh_token"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")


async def test_nothing_secret_is_said_while_one_signs_in(org, options, browser):
    granted = await sign_in.in_browser("", options, browser)
    said = "\n".join(browser.told) + str(browser.pages)
    secrets = [granted.tokens.access, granted.tokens.refresh, *org.grants]
    assert not [secret for secret in secrets if secret in said + repr(granted)]


async def test_who_declines_in_the_browser_is_not_signed_in(org, options, browser):
    org.denies = True
    with pytest.raises(NotSignedIn, match="access_denied"):
        await sign_in.in_browser("", options, browser)


async def test_an_app_that_is_not_the_orgs_is_never_come_back_from(org, options, browser, monkeypatch):
    monkeypatch.setattr(sign_in, "Page", lambda *parts: page_of(*parts, patience=0.2))
    with pytest.raises(TriageError, match="Nobody came back"):
        await sign_in.in_browser("", {**options, "client_id": "another"}, browser)


def page_of(*parts, patience):
    from triage.crm.oauth.browser import Page

    return Page(*parts, patience)


async def test_a_page_that_brings_another_sign_ins_code_changes_nothing(org, url, options):
    """Somebody else's page sends the browser back with a code of theirs, and not our state."""
    foreign = []

    def attacked(address: str) -> None:
        asked = query_of(address)
        org.grants["theirs"] = object()
        foreign.append(fetched(f"{asked['redirect_uri']}?code=theirs&state=theirs")[0])
        fetched(address)

    browser = Browser(attacked)
    granted = await sign_in.in_browser("", options, browser)
    browser.close()
    assert foreign == [400]
    assert org.tokens.user_of(granted.tokens.access) == org.me


async def test_without_a_client_id_the_option_is_named():
    for way in (sign_in.in_browser, sign_in.on_any_device, sign_in.by_key):
        with pytest.raises(UsageError, match="client_id"):
            await way("", {}, str)
    with pytest.raises(UsageError, match="client_id"):
        await asyncio.to_thread(sign_in.exchange, "", "refresh")


@pytest.mark.parametrize(
    "instance",
    [
        "http://na1.example.com",
        "ftp://x",
        "",
        None,
        "https://u:p@x.example",
        "https://x.example/?a",
        "https://[",
        "http://a.my.salesforce.com",
        "https://crm.example.com",
        "https://a.my.salesforce.com.example.com",
        "https://notsalesforce.com",
        "http://127.0.0.1:8000",
        "https://127.0.0.1",
        "http://login.salesforce.com",
        "https://a.my.salesforce.com@x.example",
    ],
)
def test_a_token_is_taken_to_no_address_that_is_not_safe(instance):
    with pytest.raises(BadAnswer):
        sign_in._instance({"instance_url": instance}, sign_in.HOME)


def test_an_org_is_where_the_sign_in_says_it_is():
    for host in (sign_in.HOME, "https://crm.example.com"):
        assert sign_in._instance({"instance_url": "https://a.my.salesforce.com/"}, host) == (
            "https://a.my.salesforce.com"
        )
    own = "https://CRM.example.com:8443"
    assert sign_in._instance({"instance_url": own}, own.lower()) == own


def test_a_sandbox_is_signed_in_to_where_it_is():
    test = "https://test.salesforce.com"
    assert sign_in._host("", {}) == sign_in.HOME
    assert sign_in._host("https://a.my.salesforce.com/", {}) == "https://a.my.salesforce.com"
    assert sign_in._host("https://a.my.salesforce.com", {"login_url": test}) == test


# A code that is typed elsewhere


async def test_a_code_typed_on_another_device_signs_in(org, options, tempo, monkeypatch):
    monkeypatch.setattr(device, "RealTempo", lambda: tempo)
    told = []

    def typed(line: str) -> None:
        told.append(line)
        (waiting,) = org.devices.values()
        assert waiting.user_code in line
        waiting.state = "agreed"

    granted = await sign_in.on_any_device("", options, typed)
    assert org.tokens.user_of(granted.tokens.access) == org.me
    assert granted.tokens.refresh
    assert "connect" in told[0]


async def test_a_code_that_is_declined_signs_nobody_in(org, options, tempo, monkeypatch):
    monkeypatch.setattr(device, "RealTempo", lambda: tempo)

    def declined(_line: str) -> None:
        (waiting,) = org.devices.values()
        waiting.state = "denied"

    with pytest.raises(NotSignedIn, match="declined"):
        await sign_in.on_any_device("", options, declined)


async def test_an_app_without_the_device_flow_says_so(org, options):
    org.device_flow = False
    with pytest.raises(NotPermitted, match="device flow is not enabled"):
        await sign_in.on_any_device("", options, str)
    with pytest.raises(NotPermitted, match="blocked"):
        await sign_in.on_any_device("", {**options, "client_id": "PlatformCLI"}, str)


# Renewing


async def test_what_the_user_took_back_ends_the_sign_in(org, url, options, browser):
    granted = await sign_in.in_browser("", options, browser)
    org.refuses_refresh = True
    with pytest.raises(NotSignedIn) as caught:
        await asyncio.to_thread(sign_in.exchange, url, granted.tokens.refresh, **granted.options)
    shown = "".join(traceback.format_exception(caught.value))
    assert granted.tokens.refresh not in shown


# A key


@pytest.fixture
def key(org: Org, tmp_path: Path) -> Path:
    path = tmp_path / "rep.pem"
    path.write_text(org.private_key)
    path.chmod(0o600)
    return path


@pytest.fixture
def headless(org: Org, options, key: Path) -> dict[str, str]:
    org.approved.add(org.me)
    return {**options, "username": org.username, "key_file": str(key)}


async def test_a_key_signs_in_and_signs_anew_for_each_run(org, url, headless):
    granted = await sign_in.by_key("", headless, str)
    assert (granted.url, granted.tokens) == (url, None)
    lent = await asyncio.to_thread(sign_in.borrow, url, way="jwt", **headless)
    assert org.tokens.user_of(lent.access) == org.me


async def test_a_user_whom_no_admin_approved_is_told(org, headless):
    org.approved.clear()
    with pytest.raises(NotPermitted, match="not admin approved"):
        await sign_in.by_key("", headless, str)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
async def test_a_key_that_others_can_reach_is_not_used(org, headless, key, mode):
    key.chmod(mode)
    with pytest.raises(UsageError, match="read by others") as caught:
        await sign_in.by_key("", headless, str)
    assert "chmod 600" in caught.value.hint
    assert org.requests == []


@pytest.mark.parametrize(
    "content", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nMIIE5d41402abc\n-----END PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_not_quoted(key, content):
    key.write_text(content)
    with pytest.raises(UsageError, match="cannot sign") as caught:
        signed("app", "rep@example.com", "https://login.salesforce.com", str(key))
    assert "5d41402abc" not in "".join(traceback.format_exception(caught.value))


def test_a_key_that_is_too_short_is_refused_in_our_words(key):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key.write_bytes(short.private_bytes(*pem))
    with pytest.raises(UsageError, match="cannot sign") as caught:
        signed("app", "rep@example.com", "https://login.salesforce.com", str(key))
    assert "2048" in caught.value.hint


@pytest.mark.timeout(20)
def test_a_key_that_is_no_file_is_said(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name, words in (("pipe", "no file"), ("folder", "no file"), ("absent", "No such file")):
        with pytest.raises(UsageError, match=words):
            signed("app", "rep@example.com", "https://login.salesforce.com", str(tmp_path / name))
    for name in ("~nobody-of-this-name/key", "a\0b"):
        with pytest.raises(UsageError, match="no path"):
            signed("app", "rep@example.com", "https://login.salesforce.com", name)


def test_an_assertion_is_good_for_no_longer_than_salesforce_takes(org, key):
    import jwt

    token = signed("app", org.username, "https://login.salesforce.com", str(key), now=lambda: 1000.0)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {"iss": "app", "sub": org.username, "aud": "https://login.salesforce.com", "exp": 1120}
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        (sign_in.HOME, sign_in.HOME),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", sign_in.HOME),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_an_assertion_is_for_the_login_host_behind_an_address(host, audience):
    assert sign_in._audience(host) == audience


# What a hostile host may say


@pytest.mark.parametrize("way", [sign_in.by_key, sign_in.in_browser])
async def test_a_host_that_quotes_everything_back_gives_nothing_away(way, org, headless, browser):
    seen = []

    def quoting(form: dict[str, str]) -> dict[str, str]:
        seen.extend(form[name] for name in ("assertion", "code", "code_verifier") if name in form)
        return {"error": "invalid_grant", "error_description": " ".join(form.values())}

    host = TokenEndpoint((400, quoting))
    browser._opens = lambda address: fetched(
        f"{query_of(address)['redirect_uri']}?code=code-5d41402abc4b2a&state={query_of(address)['state']}"
    )
    try:
        with pytest.raises(NotSignedIn) as caught:
            await way("", {**headless, "login_url": host.url}, browser)
    finally:
        host.close()
    assert seen
    assert not [one for one in seen if one in "".join(traceback.format_exception(caught.value))]
