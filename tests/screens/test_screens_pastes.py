"""A paste goes where a text is being typed at that moment, or nowhere."""

from __future__ import annotations

import pytest
from textual import events

from tests.screens.watching import running


@pytest.mark.parametrize("opened", [(), ("r",), ("enter",), ("Q",)], ids=["inbox", "choice", "lead", "queue"])
async def test_a_paste_without_a_field_is_let_go_and_lands_in_none_that_is_opened_after_it(session, opened):
    async with running(session) as watch:
        await watch.press(*opened)
        watch.app.post_message(events.Paste("pasted too early"))
        await watch.press("escape", "escape", "slash", "m")
        await watch.pilot.pause()
        await watch.press("n")
        assert watch.app.day.asking.question.draft.text == "mn"


async def test_a_paste_into_a_field_stands_there_once(session):
    async with running(session) as watch:
        await watch.press("slash", "m")
        watch.app.post_message(events.Paste("pasted"))
        await watch.press("n")
        await watch.pilot.pause()
        assert watch.app.day.asking.question.draft.text == "mpastedn"
