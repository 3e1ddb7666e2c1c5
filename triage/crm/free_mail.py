"""What an e-mail address tells at any CRM: that it is certainly no business one. Pure."""

from __future__ import annotations

from triage.domain.lead import Fact

_FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
    "aol.com", "icloud.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de",
    "proton.me",
    "protonmail.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "orange.fr", "laposte.net", "libero.it",
})  # fmt: skip
"""Where anyone has an address: certainly no business one. Of other domains nobody knows."""


def told_by(email: str) -> dict[str, Fact]:
    """Return the fact that an address tells; nothing where nobody knows."""
    domain = email.rpartition("@")[2].strip().casefold()
    return {"business_email": False} if domain in _FREE_MAIL else {}
