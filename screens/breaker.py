"""When the CRM is tried again by itself after a run that failed or moved nothing. A value; reads no clock.

One run is one look: while the CRM cannot be reached it is a single request. The rep's own wish (`S`) and
commands never wait for it; a pause that the CRM asked for is kept by the sync itself.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from triage.errors import BadAnswer, TriageError, Unreachable

PASSING = 60.0
"""Seconds between two looks, at most, while it may pass by itself: so soon is the CRM's return noticed."""
NEEDS_SOMEONE = 900.0
"""The same where someone has to do something first: sign in, or mend the settings."""
ASKED_AT_MOST = 3600.0
"""Seconds of a pause that the CRM asks for which are believed: an adapter may pass on any number."""
STALLED = 2.0
"""Seconds to the next run after one that left something due; they double with each."""
SPREAD = 0.2
"""A look comes up to so much earlier, by chance: many reps do not come back in the same second."""


class Breaker(Struct, frozen=True):
    """How the last runs went. `interval` is the rep's own choice of seconds between two runs."""

    interval: float
    wait: float = 0.0
    """Seconds from the last run to the next."""
    failures: int = 0
    """In a row."""
    stalls: int = 0
    """Runs in a row that ended well, with something left that was due."""

    @property
    def holds_back(self) -> bool:
        """Whether what is due waits for the next look."""
        return bool(self.failures or self.stalls)

    def failed(self, error: TriageError | None, dice: Callable[[], float]) -> Breaker:
        """Return it after a run that failed; None is a fault of our own. `dice` gives [0, 1)."""
        longest = PASSING if isinstance(error, Unreachable | BadAnswer) else NEEDS_SOMEONE
        wait = min(self.interval * 2.0 ** min(self.failures, 20), longest) * (1 - SPREAD * dice())
        asked = error.retry_after if isinstance(error, Unreachable) else None
        return replace(
            self, wait=max(wait, min(asked or 0.0, ASKED_AT_MOST)), failures=self.failures + 1, stalls=0
        )

    def finished(self, *, left_due: bool) -> Breaker:
        """Return it after a run that ended well; `left_due`: something is due all the same."""
        stalls = self.stalls + 1 if left_due else 0
        wait = min(STALLED * 2.0 ** min(stalls - 1, 20), self.interval, PASSING) if stalls else self.interval
        return replace(self, wait=wait, failures=0, stalls=stalls)
