"""Claims about BottleCRM in raw HTTP that hold on the live server and on the stand-in alike.

A subclass gives the fixture `place`, a `tests.bottlecrm.place.Place`. What the page says that is not claimed here
was not exercised.
"""

from __future__ import annotations

from tests.bottlecrm.likeness_following import FollowingClaims
from tests.bottlecrm.likeness_reading import ReadingClaims
from tests.bottlecrm.likeness_writing import WritingClaims
from tests.bottlecrm.place import Place

__all__ = ["Likeness", "Place"]


class Likeness(ReadingClaims, WritingClaims, FollowingClaims):
    """All of the claims."""
