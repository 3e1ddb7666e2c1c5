"""Signing in to HubSpot in a browser, against the portal's own rules; renewing; whose sign-in it is."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator

import pytest

from tests.crm.browsing import Browser, TokenEndpoint, fetched, query_of
from tests.hubspot.portal import Portal, app
from tests.serving import served
from triage.crm.hubspot import sign_in
from triage.errors import NotPermitted, NotSignedIn, UsageError

FREE = "http://127.0.0.1/OauthRedirect"


@pytest.fixture
def account() -> Portal:
    made = Portal()
    made.tokens.rotates = made.tokens.needs_verifier = True
    return made


@pytest.fixture
def address(account: Portal) -> Iterator[str]:
    with served(app(account)) as url:
        yield url
    assert account.broken_rules == []


@pytest.fixture
def options(account: Portal) -> dict[str, str]:
    tokens = account.tokens
    return {"client_id": tokens.client_id, "client_secret": tokens.client_secret, "redirect_uri": FREE}


@pytest.fixture
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


async def test_a_browser_brings_tokens_and_hubspot_says_whose_they_are(account, address, options, browser):
    granted = await sign_in.in_browser(address, options, browser)
    assert granted.url == address
    assert dict(granted.options) == {"client_id": account.tokens.client_id, "email": account.email}
    assert granted.tokens.access in account.tokens.access
    assert granted.tokens.expires_in == 1800


async def test_who_is_signed_in_in_the_browser_is_who_the_profile_says(account, address, options, browser):
    """A profile remembers its e-mail; another person's token would read and write under that name."""
    with pytest.raises(UsageError, match=rf"{account.email}.*other@example\.com"):
        await sign_in.in_browser(address, {**options, "email": "other@example.com"}, browser)
    granted = await sign_in.in_browser(address, {**options, "email": account.email.upper()}, browser)
    assert granted.options["email"] == account.email.upper()


async def test_the_secret_of_the_app_is_in_nothing_that_is_kept_or_said(account, address, options, browser):
    granted = await sign_in.in_browser(address, options, browser)
    shown = "\n".join(browser.told) + str(browser.pages) + repr(granted) + str(account.requests)
    secrets = (account.tokens.client_secret, granted.tokens.access, granted.tokens.refresh)
    assert not [one for one in secrets if one in shown]
    assert "client_secret" not in query_of(browser.told[-1].strip())


async def test_it_renews_with_the_apps_secret_and_gets_the_next_refresh_token(
    account, address, options, browser
):
    granted = await sign_in.in_browser(address, options, browser)
    renewed = await asyncio.to_thread(sign_in.exchange, address, granted.tokens.refresh, **options)
    assert renewed.access in account.tokens.access
    assert renewed.refresh not in ("", granted.tokens.refresh)
    assert account.tokens.reused == []


async def test_what_was_taken_back_ends_the_sign_in(account, address, options, browser):
    granted = await sign_in.in_browser(address, options, browser)
    account.tokens.revoke_all()
    with pytest.raises(NotSignedIn) as caught:
        await asyncio.to_thread(sign_in.exchange, address, granted.tokens.refresh, **options)
    assert granted.tokens.refresh not in "".join(traceback.format_exception(caught.value))


async def test_a_wrong_secret_is_not_the_end_of_the_sign_in(account, address, options, browser):
    """It is set right in a variable, and the refresh token is good still."""
    granted = await sign_in.in_browser(address, options, browser)
    for wrong in ({"client_secret": "wrong-5d41402abc"}, {"client_secret": ""}):
        with pytest.raises(NotPermitted) as caught:
            await asyncio.to_thread(sign_in.exchange, address, granted.tokens.refresh, **{**options, **wrong})
        assert "5d41402abc" not in caught.value.message
    assert (await asyncio.to_thread(sign_in.exchange, address, granted.tokens.refresh, **options)).access


async def test_without_a_client_id_the_option_is_named():
    with pytest.raises(UsageError, match="client_id"):
        await sign_in.in_browser("", {}, str)
    with pytest.raises(UsageError, match="client_id"):
        sign_in.exchange("", "refresh")


async def test_where_hubspot_does_not_say_whose_it_is_the_e_mail_is_asked_for(options):
    host = TokenEndpoint(
        (200, {"access_token": "access-1", "refresh_token": "refresh-1"}), (403, {"error": "no"})
    )
    browser = Browser(coming_back)
    try:
        with pytest.raises(UsageError) as caught:
            await sign_in.in_browser(host.url, options, browser)
    finally:
        browser.close()
        host.close()
    assert "email" in caught.value.hint


async def test_where_hubspot_does_not_say_whose_it_is_the_e_mail_that_was_said_holds(options):
    host = TokenEndpoint((200, {"access_token": "access-1"}), (200, {"active": False, "user": 7}))
    browser = Browser(coming_back)
    try:
        granted = await sign_in.in_browser(host.url, {**options, "email": "rep@example.com"}, browser)
    finally:
        browser.close()
        host.close()
    assert granted.options["email"] == "rep@example.com"


def coming_back(address: str) -> None:
    asked = query_of(address)
    fetched(f"{asked['redirect_uri']}?code=code-5d41402abc&state={asked['state']}")


async def test_a_page_that_is_no_address_is_refused_before_anyone_waits():
    for wrong in ("app-eu1.hubspot.com", "javascript:alert(1)", "https://a.example/?x=1#", "http://["):
        with pytest.raises(UsageError, match="address"):
            await sign_in.in_browser("", {"client_id": "app", "authorize_url": wrong}, str)


def test_the_page_is_hubspots_own_unless_another_is_named():
    pages = []

    class Caught(Exception):
        pass

    async def caught(page, _say):
        pages.append(page.address)
        raise Caught

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "code_from_browser", caught)
        for url, more in (
            ("", {}),
            ("https://api.hubapi.com/", {}),
            ("", {"authorize_url": "https://eu.example/"}),
        ):
            with pytest.raises(Caught):
                asyncio.run(sign_in.in_browser(url, {"client_id": "app", **more}, str))
    assert pages == [
        "https://app.hubspot.com/oauth/authorize",
        "https://app.hubspot.com/oauth/authorize",
        "https://eu.example/oauth/authorize",
    ]
