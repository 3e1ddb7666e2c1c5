"""The first run is a screen: it fits the smallest window, and keys and mouse choose the same."""

from __future__ import annotations

import pytest

from screens.start.welcome import Greeting, WelcomeApp
from tests.screens.watching import drawn


def text_of(app):
    return [strip.text for strip in drawn(app.screen.query_one(Greeting))]


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)])
async def test_it_offers_the_demo_signing_in_and_leaving_and_nothing_is_cut_off(size):
    app = WelcomeApp()
    async with app.run_test(size=size):
        said = "\n".join(text_of(app))
        for words in ("d   Try the demo", "s   Sign in to your CRM", "q   Quit", "exactly once."):
            assert words in said
        assert "…" not in said


@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
async def test_a_window_too_small_does_not_break_it(size):
    app = WelcomeApp()
    async with app.run_test(size=size) as pilot:
        await pilot.press("d")
    assert app.return_value == "demo"


@pytest.mark.parametrize(
    ("words", "choice"), [("Try the demo", "demo"), ("Sign in", "sign in"), ("Quit", None)]
)
async def test_each_choice_can_be_clicked(words, choice):
    app = WelcomeApp()
    async with app.run_test(size=(60, 16)) as pilot:
        line = next(y for y, text in enumerate(text_of(app)) if words in text)
        await pilot.click(Greeting, offset=(10, line))
        await pilot.pause()
    assert app.return_value == choice
    assert not app.is_running


async def test_a_click_elsewhere_chooses_nothing():
    app = WelcomeApp()
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.click(Greeting, offset=(10, 0))
        await pilot.pause()
        assert app.is_running
