"""How many requests an account takes: in ten seconds, in a second of searches, in a day. Also addresses too long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tests.hubspot.portal.problems import Problem

ADDRESS_LIMIT = 8_000
"""Characters of path and query. Not documented: 414 is."""


class Window:
    """At most so many in any span of seconds."""

    def __init__(self, most: int, seconds: float, now: Callable[[], float]) -> None:
        self.most = most
        self.seconds = seconds
        self._now = now
        self._begun: deque[float] = deque()

    @property
    def used(self) -> int:
        while self._begun and self._begun[0] <= self._now() - self.seconds:
            self._begun.popleft()
        return len(self._begun)

    def admit(self) -> bool:
        if self.used >= self.most:
            return False
        self._begun.append(self._now())
        return True


def too_many(policy: str) -> Problem:
    """A 429 as HubSpot words it. There is no Retry-After."""
    return Problem(
        429,
        "",
        f"You have reached your {policy.lower()} limit.",
        more={"errorType": "RATE_LIMIT", "policyName": policy, "groupName": "publicapi:private-app"},
    )


class Limits:
    """The three policies of one account. What is refused is a rule that the client broke."""

    def __init__(self, now: Callable[[], float], broken_rules: list[str]) -> None:
        self.general = Window(100, 10.0, now)
        self.searches = Window(5, 1.0, now)
        self.daily = 250_000
        self.used_today = 0
        self._broken_rules = broken_rules

    def admit(self, path: str, *, is_search: bool) -> None:
        """Count a request, or raise the 429 that it gets."""
        if self.used_today >= self.daily:
            raise too_many("DAILY")
        self.used_today += 1
        window, policy = (self.searches, "SECONDLY") if is_search else (self.general, "TEN_SECONDLY_ROLLING")
        if not window.admit():
            self._broken_rules.append(f"rate exceeded: {policy} at {path}")
            raise too_many(policy)

    def headers(self, *, is_search: bool, is_oauth: bool) -> dict[str, str]:
        """What an answer says of the limits; a search says nothing, and an OAuth app is not told of the day."""
        if is_search:
            return {}
        said = {
            "X-HubSpot-RateLimit-Max": str(self.general.most),
            "X-HubSpot-RateLimit-Remaining": str(self.general.most - self.general.used),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(round(self.general.seconds * 1000)),
        }
        if is_oauth:
            return said
        daily = {
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(self.daily - self.used_today),
        }
        return {**said, **daily}
