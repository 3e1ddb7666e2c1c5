"""The authorization-code sign-in: the browser is shown the provider's page, and comes back with a code.

A browser is started on a desktop only; anywhere else the address is there to be opened by hand. It inherits
none of our variables.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from msgspec import Struct

from triage.crm.oauth.loopback import Loopback
from triage.crm.oauth.pkce import Proof
from triage.crm.signing import Say
from triage.links import checked

PATIENCE = 300.0
"""Seconds a person has in the browser."""


class Page(Struct, frozen=True):
    """The provider's page on which a person allows the app."""

    address: str
    client_id: str
    redirect_uri: str
    more: Mapping[str, str]
    """What else its query says: scopes."""
    patience: float = PATIENCE


async def code_from_browser(page: Page, say: Say) -> dict[str, str]:
    """Return what the token endpoint is to be sent for the code that the browser brought.

    `code`, `code_verifier`, `redirect_uri` and `client_id`. NotSignedIn for a refusal, Unreachable if nobody
    comes back, UsageError where the redirect address cannot be listened on.
    """
    proof = Proof.fresh()
    async with Loopback(page.redirect_uri, proof.state) as loopback:
        show(_address(page, proof, loopback.redirect_uri), say)
        code = await loopback.code(page.patience)
    return {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": proof.verifier,
        "redirect_uri": loopback.redirect_uri,
        "client_id": page.client_id,
    }


def show(address: str, say: Say) -> None:
    """Say an address, and open it where there is a desktop. Does not wait for the browser."""
    say("Sign in on this page of your browser:")
    say(f"  {address}")
    command = _opener()
    if command and checked(address):
        threading.Thread(target=_open, args=([*command, address],), name="browser", daemon=True).start()


def environ_of_others(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a program that has no business with our variables: some hold tokens."""
    return {name: value for name, value in environ.items() if not name.startswith("TRIAGE_")}


def _address(page: Page, proof: Proof, redirect_uri: str) -> str:
    query = {
        "response_type": "code",
        "client_id": page.client_id,
        "redirect_uri": redirect_uri,
        **page.more,
        "state": proof.state,
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
    }
    return f"{page.address}?{urlencode(query)}"


def _opener() -> tuple[str, ...]:
    if sys.platform == "darwin":
        return ("open",)
    return ("xdg-open",) if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) else ()


def _open(command: list[str]) -> None:
    quiet = subprocess.DEVNULL
    with suppress(OSError):  # the address stands on the screen
        subprocess.run(  # noqa: S603 - the system's own opener, with an address that was checked, no shell
            command,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            check=False,
            env=environ_of_others(os.environ),
            start_new_session=True,  # ctrl+c at the terminal ends the sign-in, and not the browser
        )
