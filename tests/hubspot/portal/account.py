"""What the account says of itself, and how much of its day is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.stamps import iso

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State


def details(state: State, _call: Call) -> Reply:
    body = {
        "portalId": state.portal_id,
        "accountType": "STANDARD",
        "timeZone": state.time_zone,
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    return Reply(200, body)


def usage(state: State, _call: Call) -> Reply:
    limits = state.limits
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits.daily,
        "currentUsage": limits.used_today,
        "collectedAt": iso(state.clock.now()),
        "fetchStatus": "SUCCESS",
    }
    return Reply(200, {"results": [row]})
