"""What the stand-in for BottleCRM is claimed to be like, a real BottleCRM is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bottlecrm.likeness import Likeness
from tests.bottlecrm.place import Place

pytestmark = pytest.mark.live
FOUR = ("admin", "marketer", "rep", "rep2")


class TestTheLiveServer(Likeness):
    @pytest.fixture
    def place(self, live, company) -> Iterator[Place]:
        tokens = {name: company.people[name].token for name in FOUR}
        found = Place(live.url, tokens, company.people["rep"].session)
        yield found
        found.close()
