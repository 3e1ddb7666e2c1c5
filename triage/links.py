"""Which text may be used as a web address: the one check before anything is copied as a link or opened.

Never opens anything. An address is returned as a browser gets it: ASCII, the host in punycode, so that a
look-alike shows. It cannot begin with a dash, which some browsers take for an option (CVE-2026-4519).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit

LONGEST = 2000
"""Characters of an address; a longer one is none."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_ADDRESS_6 = re.compile(r"[0-9a-f:.]{2,45}")
_KEPT = "/?#[]@!$&'()*+,;=:%~-._"


def checked(text: str) -> str:
    """Return an http or https address with a host and no name or password in it; anything else is empty."""
    if not text.isprintable() or set(text) & set(' \\<>"`{}|^') or len(text) > LONGEST:
        return ""
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return ""
    host = _host(parts.hostname or "")
    if not host or not text[len(parts.scheme) :].startswith("://"):
        return ""
    port = f":{parts.port}" if parts.port is not None else ""
    behind = quote(text.split("://", 1)[1][len(parts.netloc) :], safe=_KEPT)
    return f"{parts.scheme}://{host}{port}{behind}"


def web_address(text: str) -> str:
    """Return a checked address; one that was written without a scheme is taken for https."""
    bare = "" if "://" in text or "." not in text.partition("/")[0] else checked(f"https://{text}")
    return checked(text) or bare


def record_link(base: str, lead_id: str) -> str:
    """Return a lead's page below our own base address, never one from the CRM; empty without a base."""
    try:
        own = quote(lead_id, safe="")
    except UnicodeEncodeError:  # half a surrogate pair: no page can be asked for by it
        return ""
    return checked(f"{base.rstrip('/')}/leads/{own}") if own.strip(".") and checked(base) else ""


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is not a number
    except ValueError:
        return None
    return parts


def _host(name: str) -> str:
    """Return a host in ASCII, or an empty text for what cannot be one."""
    if ":" in name:
        return f"[{name}]" if _ADDRESS_6.fullmatch(name) else ""
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return ascii_name if _HOST.fullmatch(ascii_name) else ""
