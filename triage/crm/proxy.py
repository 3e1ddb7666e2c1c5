"""Which proxy of the environment stands before a CRM. Never shows the proxy's name and password."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from triage.crm.address import Address
from triage.errors import ConfigError

SIGN_IN = "Put name and password into the proxy's variable: http://name:password@proxy.example:3128."
_KINDS = ("http", "https")
_UNUSABLE = "Name an http:// proxy, or add the CRM's host to NO_PROXY. SOCKS is not supported."


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the variable that names it. Only `url` holds its password."""

    variable: str
    url: str = field(repr=False)

    @property
    def place(self) -> str:
        """Whom an error speaks of: the proxy http://proxy.example:3128 (HTTPS_PROXY)."""
        return f"the proxy {shown(self.url)} ({self.variable})"


def proxy_to(address: Address) -> Proxy | None:
    """Return the proxy on the way to a CRM, or None. ConfigError names the variable of one that is none.

    Read from HTTPS_PROXY or HTTP_PROXY by the address's scheme, else ALL_PROXY, in small letters too, and
    NO_PROXY; on macOS and Windows also from the system. None ever leads to this machine.
    """
    proxy = None if address.is_loopback else _named(urlsplit(address.url))
    if proxy is not None and not _is_usable(proxy.url):
        raise unusable(proxy)  # here, where no local value holds the password
    return proxy


def shown(url: str) -> str:
    """Return a proxy's address without name and password."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "that cannot be read"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"


def unusable(proxy: Proxy) -> ConfigError:
    """Return the error for a proxy that cannot be spoken to at all."""
    return ConfigError(f"The proxy in {proxy.variable} cannot be used ({shown(proxy.url)}).", hint=_UNUSABLE)


def _named(address: SplitResult) -> Proxy | None:
    known = getproxies()
    name = address.scheme if known.get(address.scheme) else "all"
    if not known.get(name) or proxy_bypass(address.netloc):
        return None
    return Proxy(_variable(name), known[name] if "://" in known[name] else f"http://{known[name]}")


def _variable(name: str) -> str:
    """Return the name of the variable as it is set, small letters first, as they are read."""
    names = (f"{name}_proxy", f"{name}_proxy".upper())
    return next((one for one in names if os.environ.get(one)), "the system's settings")


def _is_usable(url: str) -> bool:
    parts = _split(url)
    written = url.isprintable() and " " not in url
    return parts is not None and parts.scheme in _KINDS and bool(parts.hostname) and written


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is not a number
    except ValueError:
        return None
    return parts
