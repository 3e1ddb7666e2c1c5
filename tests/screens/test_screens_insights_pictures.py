"""The insights as pictures and as text, at four sizes. To renew them: --snapshot-update."""

from __future__ import annotations

import pytest

from tests.screens.test_screens_insights import SIZES, shown
from tests.screens.test_screens_pictures import Album, leave, name_of

pytestmark = pytest.mark.usefixtures("one_time_zone")

SCENES: dict[str, tuple[str, ...]] = {
    "overview": (),
    "bars": ("enter", "j", "j", "l", "l"),
    "series": ("2",),
    "reliability": ("3",),
    "below zero": ("4",),
    "nothing": ("5",),
    "leads": ("1", "enter"),
    "help": ("question_mark",),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("size", "look"),
    [
        *((size, "dark") for size in SIZES),
        ((80, 24), "light"),
        ((80, 24), "no-colour"),
        ((120, 36), "light"),
        ((120, 36), "no-colour"),
    ],
    ids=lambda one: one if isinstance(one, str) else name_of(one),
)
async def test_the_insights_look_as_they_did(session, snapshot, size, look):
    album = Album(snapshot, size[0])
    async with shown(session, size, theme=look) as watch:
        for name, keys in SCENES.items():
            if name == "leads":
                await watch.press("q", "enter")
            await watch.press(*keys)
            await watch.pilot.pause()
            album.compare(watch, name)
        await leave(watch)
