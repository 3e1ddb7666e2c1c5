"""The page of a lead is turned: what comes next is read at once, and nothing is passed over."""

from __future__ import annotations

from screens.lead.screen import LeadScreen
from tests.screens.watching import running


async def test_a_page_down_brings_up_what_was_below_at_once(session):
    async with running(session, size=(80, 24)) as watch:
        await watch.go_to("L-0001")
        await watch.press("enter")
        screen = watch.app.screen
        assert isinstance(screen, LeadScreen)
        below = screen._page[screen.pane.extent.height + 2].line.text.strip()
        assert below
        assert below not in watch.text()
        await watch.press("pagedown")
        assert below in watch.text()
        seen = [screen.pane.top]
        for _ in range(len(screen._page)):
            await watch.press("pagedown")
            seen.append(screen.pane.top)
        assert seen == sorted(seen)
        assert screen._line == len(screen._page) - 1
        for _ in range(len(screen._page)):
            await watch.press("pageup")
        assert (screen.pane.top, screen._line) == (0, 0)
