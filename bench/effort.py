"""How often everything is measured: in full for a verdict, or quickly to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """A share of the samples of a full run."""

    share: float = 1.0

    def of(self, count: int, least: int = 3) -> int:
        """Return how many samples to take where a full run takes `count`."""
        return max(round(count * self.share), min(least, count))

    @property
    def is_quick(self) -> bool:
        """Whether the figures only show that everything runs."""
        return self.share < 1


FULL = Effort()
QUICK = Effort(0.1)
