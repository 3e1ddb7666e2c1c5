"""The stand-in answers as the server does: the same claims are run against a live one by `make live`."""

from __future__ import annotations

from tests.bottlecrm.likeness import Likeness


class TestTheShop(Likeness):
    """All claims, on the stand-in."""
