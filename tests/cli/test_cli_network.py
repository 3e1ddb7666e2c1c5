"""The doctor names the proxy on the way, and clocks that are apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from triage.cli.network import clocks, proxy_in_use
from triage.errors import ConfigError

PASSWORD = "s3cret-of-the-proxy"


@pytest.fixture(autouse=True)
def proxied(monkeypatch):
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy", "ALL_PROXY", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://rep:{PASSWORD}@proxy.example:3128")


def test_the_doctor_names_the_proxy_and_its_variable_without_its_password():
    assert proxy_in_use("https://crm.example") == "http://proxy.example:3128, by HTTPS_PROXY"


def test_the_doctor_says_that_there_is_none_and_why(monkeypatch):
    assert proxy_in_use("http://127.0.0.1:8000") == "none: the CRM is on this machine"
    monkeypatch.setenv("NO_PROXY", "crm.example")
    assert proxy_in_use("https://crm.example") == "none"


def test_a_proxy_that_is_none_is_a_finding_with_its_variable(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://rep:{PASSWORD}@proxy.example")
    with pytest.raises(ConfigError, match="HTTPS_PROXY") as caught:
        proxy_in_use("https://crm.example")
    assert PASSWORD not in caught.value.message


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (None, ""),
        (timedelta(), ""),
        (timedelta(minutes=7), "; this machine's clock is 7 min behind the CRM's"),
        (timedelta(hours=-2, minutes=-5), "; this machine's clock is 2 h 5 min ahead of the CRM's"),
        (timedelta(days=3653), "; this machine's clock is 87,672 h 0 min behind the CRM's"),
    ],
)
def test_the_doctor_says_how_far_the_clocks_are_apart(skew, words):
    assert clocks(skew) == words
