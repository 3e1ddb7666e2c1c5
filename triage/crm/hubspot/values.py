"""The properties of one record: HubSpot has every value as a text, or null. Tolerant and counted.

A value that is missing has its default. One that is no number or no moment has its default too and is
counted by its name. Text stays as it came.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.crm.fields import LARGEST_WHOLE, Fields

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 40
_MILLISECONDS = re.compile(r"-?[0-9]{5,14}")
"""A year has four digits; fourteen are beyond the year 5000."""


class Values:
    """What one record says, by the names of its properties."""

    def __init__(self, properties: Mapping[str, Any], unread: Counter[str] | None = None) -> None:
        self._fields = Fields(properties, Counter() if unread is None else unread)

    def text(self, name: str) -> str:
        """Return a text, or an empty one."""
        return self._fields.text(name)

    def has(self, name: str) -> bool:
        """Whether anything is said."""
        return self._fields.raw(name) not in (None, "")

    def tells(self, name: str) -> bool:
        """Whether the portal has such a property and gives no value that cannot be read.

        It leaves out of an answer what it does not know, and says null where there is no value.
        """
        return self._fields.raw(name) in (None, "") and name in dict(self._fields.entries())

    def texts(self, name: str) -> tuple[str, ...]:
        """Return what was chosen of several: HubSpot puts a semicolon between."""
        return tuple(part.strip() for part in self.text(name).split(";") if part.strip())

    def number(self, name: str) -> float | None:
        """Return a finite number, or None."""
        text = self.text(name).strip()
        if not text:
            return None
        try:
            number = float(text) if len(text) <= _LONGEST_NUMBER else math.nan
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        self._fields.count(name)
        return None

    def whole(self, name: str) -> int | None:
        """Return a whole number of at most 2**53, or None."""
        number = self.number(name)
        if number is None:
            return None
        if number.is_integer() and abs(number) <= LARGEST_WHOLE:
            return int(number)
        self._fields.count(name)
        return None

    def flag(self, name: str) -> bool | None:
        """Return true or false; None where it is not said."""
        said = self.text(name).strip().casefold()
        if said in ("true", "false"):
            return said == "true"
        if said:
            self._fields.count(name)
        return None

    def time(self, name: str) -> datetime | None:
        """Return an aware moment in UTC, or None: of ISO 8601, or of Unix milliseconds."""
        text = self.text(name).strip()
        if not text:
            return None
        moment = moment_of(text)
        if moment is None:
            self._fields.count(name)
        return moment


def moment_of(value: object) -> datetime | None:
    """Return the moment of an ISO text, or of Unix milliseconds as a text or a number; None for all else."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if _MILLISECONDS.fullmatch(text):
        text = (_EPOCH + timedelta(milliseconds=int(text))).isoformat()
    return Fields({"at": text or None}, Counter()).time("at")
