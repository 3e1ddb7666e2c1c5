"""Preconditions of a write: the weak one only, for no strong one exists for leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.salesforce.org.call import Call
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row

HEADER = "If-Unmodified-Since"
_STRONG = ("if-match", "if-none-match")


def check_unmodified(call: Call, sobject: SObject, row: Row, headers: Mapping[str, str]) -> None:
    """Refuse with 412 what was changed since, to the second; 400 for a header that is no date."""
    for name in _STRONG if sobject.name != "Account" else ():
        if name in headers:
            call.org.broken_rules.append(f"{name} is for accounts only")
    given = headers.get(HEADER.lower())
    if given is None or (call.depth and call.org.precondition == "ignored"):
        return
    if call.depth and call.org.precondition == "refused":
        raise RefusedError(
            400, "INVALID_HEADER", f"The header {HEADER} isn't supported in a composite request."
        )
    if row["LastModifiedDate"] > _moment(given):
        words = "The record was modified since the given date"
        raise RefusedError(412, "PRECONDITION_FAILED", words)


def _moment(given: str) -> datetime:
    try:
        return parsedate_to_datetime(given).astimezone(UTC)
    except (TypeError, ValueError) as error:
        raise RefusedError(400, "INVALID_HEADER", f"Invalid value of {HEADER}: {given}") from error


def modified_since(at: datetime, headers: Mapping[str, str]) -> bool:
    """Whether something is newer than If-Modified-Since says; True without the header."""
    given = headers.get("if-modified-since")
    return given is None or at.replace(microsecond=0) > _moment(given)
