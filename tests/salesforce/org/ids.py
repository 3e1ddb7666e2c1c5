"""Record ids as the vendor makes them: a prefix for the object, and three letters that carry the case of the rest."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT, LONG = 15, 18


def make_id(prefix: str, number: int) -> str:
    """Return the 18 letters of the n-th record of an object."""
    rest = ""
    for _ in range(SHORT - len(prefix)):
        number, digit = divmod(number, len(_DIGITS))
        rest = _DIGITS[digit] + rest
    return full_id(prefix + rest)


def full_id(given: str) -> str:
    """Return the long form of a short id; anything else as it is."""
    if len(given) != SHORT:
        return given
    fives = (given[start : start + 5] for start in range(0, SHORT, 5))
    return given + "".join(
        _SUFFIX[sum(1 << place for place, letter in enumerate(five) if letter.isupper())] for five in fives
    )


def looks_like_id(given: object) -> bool:
    """Whether this has the shape of a record's id."""
    return isinstance(given, str) and len(given) in {SHORT, LONG} and given.isascii() and given.isalnum()
