"""Certificates for TLS tests: good, expired, of the future, for another host, by nobody."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

HOST = "127.0.0.1"
DAY = timedelta(days=1)


class Authority:
    """A company's own authority, whose file a profile may name."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is where its file goes; without one nobody knows it."""
        self._authority = trustme.CA()
        self.file = str(folder / "authority.pem") if folder else ""
        if self.file:
            self._authority.cert_pem.write_to_path(self.file)

    def good(self, *hosts: str) -> ssl.SSLContext:
        return self._serving(*(hosts or (HOST,)))

    def expired(self) -> ssl.SSLContext:
        return self._serving(HOST, not_before=_now() - 9 * DAY, not_after=_now() - DAY)

    def of_the_future(self) -> ssl.SSLContext:
        return self._serving(HOST, not_before=_now() + DAY, not_after=_now() + 9 * DAY)

    def of_another_host(self) -> ssl.SSLContext:
        return self._serving("elsewhere.example")

    def _serving(
        self, *hosts: str, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> ssl.SSLContext:
        certificate = self._authority.issue_cert(*hosts, not_before=not_before, not_after=not_after)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


def by_nobody() -> ssl.SSLContext:
    """Return the context of a server whose authority no one knows."""
    return Authority().good()


def _now() -> datetime:
    return datetime.now(UTC)
