"""A CRM to fetch from and send to, as a process of its own on loopback, and a rep's way to it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.homes import environment, settle
from config.settings import Profile
from tests.embedded_server import RunningServer, running_server
from triage.embedded.members import ACCOUNT_ID, FIRST_REP

PAGE = 200
"""Leads a page, as our adapter asks for."""
_PATIENCE = 30.0

__all__ = ["PAGE", "RunningServer", "bare_client", "profile_of", "running_server", "signed_in", "undisturbed"]


def profile_of(server: RunningServer) -> Profile:
    """Return the profile of the first rep."""
    return Profile(url=server.url, account_id=ACCOUNT_ID, user_id=FIRST_REP, user_name="Robin Vale")


def signed_in(server: RunningServer, home: Path, **sync: float) -> dict[str, str]:
    """Settle the first rep into a home; returns what a program there is started with."""
    environ = environment(home) | {"TRIAGE_TOKEN": server.rep_token}
    settle(environ, profile_of(server), **sync)
    return environ


def bare_client(server: RunningServer) -> httpx.AsyncClient:
    """Return what anyone would write: httpx, the token, and nothing else."""
    return httpx.AsyncClient(
        base_url=server.url, headers={"Authorization": f"Bearer {server.rep_token}"}, timeout=_PATIENCE
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no collection of garbage fall into what is measured: the app holds its own back too."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
