"""The lead's own fields as a write gives them: what each takes, and what is said of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.bottlecrm.shop.lookups import (
    COUNTRIES,
    CURRENCIES,
    INDUSTRIES,
    OWN_SOURCES,
    RATINGS,
    SOURCES,
    STATUSES,
)


class Unfit(Exception):
    """A value that a field does not take."""


_Check = Callable[[Any], Any]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_PHONE = re.compile(r"[\d\s\-().+]{7,25}\Z")
_A_DATE = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
_MOST_AMOUNT = Decimal(10) ** 10


def fit(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values of known fields as they are stored, and what is wrong with the others. Unknown ones vanish."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, check in _CHECKS.items():
        if name not in given:
            continue
        try:
            values[name] = None if given[name] is None else check(given[name])
        except Unfit as error:
            errors[name] = [str(error)]
    return values, errors


def _text(most: int | None = None, *, blank: bool = True) -> _Check:
    def check(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Unfit("Not a valid string.")
        text = str(value).strip()
        if not text and not blank:
            raise Unfit("This field may not be blank.")
        if "\0" in text:
            raise Unfit("Null characters are not allowed.")
        if any("\ud800" <= one <= "\udfff" for one in text):
            raise Unfit(f"Surrogate characters are not allowed: U+{_surrogate(text)}.")
        if most is not None and len(text) > most:
            raise Unfit(f"Ensure this field has no more than {most} characters.")
        return text

    return check


def _surrogate(text: str) -> str:
    return next(f"{ord(one):X}" for one in text if "\ud800" <= one <= "\udfff")


def _choice(allowed: Collection[str]) -> _Check:
    def check(value: Any) -> str:
        if value == "" or (isinstance(value, str) and value in allowed):
            return str(value)
        raise Unfit(f'"{value}" is not a valid choice.')

    return check


def _like(pattern: re.Pattern[str], message: str) -> _Check:
    def check(value: Any) -> str:
        text = str(_text(255)(value))
        if text and not pattern.match(text):
            raise Unfit(message)
        return text

    return check


def _source(value: Any) -> str:
    text = str(_text(255)(value))
    if text and text not in [key for key, _ in SOURCES] + list(OWN_SOURCES):
        raise Unfit("Choose one of your lead sources.")
    return text


def _probability(value: Any) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Unfit("A valid integer is required.") from None
    if number > 100:
        raise Unfit("Ensure this value is less than or equal to 100.")
    if number < 0:
        raise Unfit("Ensure this value is greater than or equal to 0.")
    return number


def _amount(value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Unfit("A valid number is required.") from None
    if number < 0:
        raise Unfit("Ensure this value is greater than or equal to 0.")
    if number >= _MOST_AMOUNT:
        raise Unfit("Ensure that there are no more than 12 digits in total.")
    if round(number, 2) != number:
        raise Unfit("Ensure that there are no more than 2 decimal places.")
    return f"{number:.2f}"


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Unfit(_A_DATE) from None


def _flag(value: Any) -> bool:
    if value not in (True, False, "true", "false"):
        raise Unfit("Must be a valid boolean.")
    return value in (True, "true")


_CHECKS: dict[str, _Check] = {
    "title": _text(255),
    "salutation": _text(64),
    "first_name": _text(255, blank=False),
    "last_name": _text(255, blank=False),
    "email": _like(_EMAIL, "Enter a valid email address."),
    "phone": _like(_PHONE, "Enter a valid phone number (7-25 characters, digits and separators only)"),
    "job_title": _text(255),
    "website": _text(255),
    "linkedin_url": _like(re.compile(r"https?://\S+\Z"), "Enter a valid URL."),
    "status": _choice([key for key, _ in STATUSES]),
    "source": _source,
    "source_detail": _text(255),
    "source_ref": _text(255),
    "industry": _choice([key for key, _ in INDUSTRIES]),
    "rating": _choice(RATINGS),
    "opportunity_amount": _amount,
    "currency": _choice(CURRENCIES),
    "probability": _probability,
    "close_date": _day,
    "address_line": _text(255),
    "city": _text(255),
    "state": _text(255),
    "postcode": _text(64),
    "country": _choice([key for key, _ in COUNTRIES]),
    "last_contacted": _day,
    "next_follow_up": _day,
    "description": _text(),
    "company_name": _text(255),
    "is_active": _flag,
}
