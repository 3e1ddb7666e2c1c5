"""Which text may become a link: only our own base address, or a plain web address; never what a payload says."""

from __future__ import annotations

import re
import webbrowser
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from screens.lead.copying import can_open, copy_options, crm_link
from tests.corpus import HOSTILE, LINKS, hostile
from tests.screens.sample import rich_lead
from tests.screens.test_screens_drawing import glance
from tests.screens.watching import running
from triage.domain.lead import LeadId
from triage.links import checked, record_link, web_address

ADDRESS = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")
addresses = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(
        ["http://", "https://", "HTTPS://", "//", "javascript:", "https:", "-https://", "ftp://", ""]
    ),
    st.sampled_from(["", "user@", "user:pass@", "@", "%40"]),
    st.sampled_from(
        ["crm.example", "пример.example", "-x.example", "[::1]", "127.0.0.1", "a..b", "ＣＲＭ.example", ""]
    ),
    st.sampled_from(["", ":8443", ":port", ":99999", ":"]),
    st.one_of(st.sampled_from(["", "/", "/a b", "/é?x=1#y", "\\@evil.example", "/\n-x", "?-x"]), hostile),
)


@given(st.one_of(addresses, hostile))
@example("https://crm.example\\@evil.example/")
@example("https://crm.example/\x1b]52;c;aaaa\x07")
def test_what_passes_is_a_plain_ascii_web_address_that_shows_its_host(text):
    link = checked(text)
    assert link == "" or ADDRESS.fullmatch(link)
    if link:
        parts = urlsplit(link)
        assert not parts.username
        assert not parts.password
        assert parts.hostname
        assert not link.startswith("-")
        assert parts.hostname == (urlsplit(text).hostname or "").encode("idna").decode()


@given(st.one_of(addresses, hostile))
def test_what_passed_once_passes_unchanged(text):
    assert checked(checked(text)) == checked(text)
    assert web_address(web_address(text)) == web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        one
        for one in LINKS
        if one not in ("https://xn--e1afmkfd.example/", "http://127.0.0.1:1/%0d%0aX-Injected:1")
    ],
)
def test_a_dangerous_address_is_none_or_shows_in_punycode_what_it_is(text):
    link = checked(text)
    assert link == "" or link.startswith("https://xn--")


def test_a_bare_host_is_taken_for_https_and_a_bare_word_for_nothing():
    assert web_address("profiles.example/in/ada") == "https://profiles.example/in/ada"
    assert [
        web_address(one) for one in ("null", "javascript:alert(1)", "../../etc", "--help", "ada@x.example")
    ] == [""] * 5


@given(st.text(max_size=130), st.sampled_from(["https://crm.example/app/", "http://127.0.0.1:8000"]))
@example("../../admin", "https://crm.example")
@example("..", "https://crm.example")
@example("\ud800", "https://crm.example")
@example("?x#y", "https://crm.example")
def test_a_leads_page_stays_below_our_own_address_whatever_its_id_is(lead_id, base):
    link = record_link(base, lead_id)
    assert link == "" or link.startswith(f"{base.rstrip('/')}/leads/")
    assert "/" not in link.removeprefix(f"{base.rstrip('/')}/leads/")
    assert "?" not in link
    assert "#" not in link


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_no_payload_is_offered_as_a_link(payload):
    lead = replace(rich_lead(), lead_id=LeadId(payload), profile_url=payload)
    offered = {
        option.label: option.value[1] for option in copy_options(glance(lead, 80), "https://crm.example")
    }
    for label in ("profile", "CRM link"):
        assert label not in offered or ADDRESS.fullmatch(offered[label])
    assert crm_link(payload, rich_lead()) == "" or ADDRESS.fullmatch(crm_link(payload, rich_lead()))


@pytest.mark.parametrize(
    ("environment", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "linux", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "1"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", False),
        ({"DISPLAY": ":0", "BROWSER": "lynx"}, "linux", False),
    ],
)
def test_a_browser_is_opened_only_where_it_is_seen(environment, platform, opens):
    assert can_open(environment, platform) is opens


@pytest.mark.parametrize("display", [":0", ""])
async def test_a_lead_is_opened_in_the_browser_only_after_the_whole_address_was_confirmed(
    session, monkeypatch, display
):
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url, *_more, **_ways: opened.append(url))
    if display:
        monkeypatch.setenv("DISPLAY", display)
    async with running(session) as watch:
        lead_id = watch.cursor
        await watch.press("O")
        assert opened == []
        assert f"https://crm.example/app/leads/{lead_id}" in watch.text()
        if display:
            await watch.confirm()
        assert opened == ([f"https://crm.example/app/leads/{lead_id}"] if display else [])
