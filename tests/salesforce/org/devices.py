"""The device flow: a code is shown, entered elsewhere, and asked after no faster than allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.salesforce.org.errors import SignInRefusedError
from tests.salesforce.org.tokens import Family

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

DEFAULT_CLI = "PlatformCLI"
LIFE, INTERVAL, SLOWER = 600.0, 5, 5
_HASTE = 0.95
"""What a client's clock may be short of the interval."""


@dataclass
class Device:
    """A device that waits for its user."""

    client: str
    scope: str
    user_code: str
    until: float
    interval: float = INTERVAL
    asked_at: float | None = None
    state: str = "pending"


def begin(org: Org, form: dict[str, str], base: str) -> dict[str, Any]:
    """Return the codes of a new device; the default CLI's app may not have any."""
    client = form.get("client_id", "")
    if client == DEFAULT_CLI:
        raise SignInRefusedError("invalid_client", "device flow is blocked for this app")
    if client not in org.clients:
        raise SignInRefusedError("invalid_client_id", "client identifier invalid")
    if not org.device_flow:
        raise SignInRefusedError("invalid_request", "device flow is not enabled for this app")
    code, shown = f"device-{org.number()}", f"UC{org.number():06d}"
    org.devices[code] = Device(client, form.get("scope", "api"), shown, org.seconds() + LIFE)
    where = f"{base}/setup/connect"
    return {"device_code": code, "user_code": shown, "verification_uri": where, "interval": INTERVAL}


def poll(org: Org, form: dict[str, str]) -> Family:
    """Return the tokens once the user agreed; SignInRefusedError until then."""
    device = org.devices.get(form.get("code", ""))
    if device is None or device.client != form.get("client_id"):
        raise SignInRefusedError("invalid_grant", "invalid device code")
    now, last, device.asked_at = org.seconds(), device.asked_at, org.seconds()
    if now > device.until or device.state == "used":
        raise SignInRefusedError("invalid_grant", "expired device code")
    if last is not None and now - last < device.interval * _HASTE:
        device.interval += SLOWER
        org.broken_rules.append(
            f"asked again after {now - last:.1f} s where {device.interval - SLOWER} are due"
        )
        raise SignInRefusedError("slow_down", "polling too fast")
    if device.state == "denied":
        raise SignInRefusedError("access_denied", "end-user denied authorization")
    if device.state == "pending":
        raise SignInRefusedError("authorization_pending", "User hasn't confirmed the user code.")
    device.state = "used"
    return org.tokens.sign_in(org.me, device.client, device.scope)
