"""What the doctor says of the way to the CRM: the proxy in use, how far the clocks are apart. Asks nobody."""

from __future__ import annotations

from datetime import timedelta

from triage.crm.address import Address
from triage.crm.proxy import proxy_to, shown


def proxy_in_use(url: str) -> str:
    """Name the proxy before a CRM, without its password. ConfigError names a variable that holds none."""
    address = Address(url)
    proxy = proxy_to(address)
    if proxy is not None:
        return f"{shown(proxy.url)}, by {proxy.variable}"
    return "none: the CRM is on this machine" if address.is_loopback else "none"


def clocks(skew: timedelta | None) -> str:
    """Say how far the CRM's clock is ahead; empty where they agree, or it does not say."""
    if not skew:
        return ""
    minutes = abs(skew) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    span = f"{hours:,} h {rest} min" if hours else f"{rest} min"
    return f"; this machine's clock is {span} {'behind' if skew > timedelta() else 'ahead of'} the CRM's"
