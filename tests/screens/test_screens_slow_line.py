"""What was painted has not been seen as long as the terminal has not taken it: no key acts on it before."""

from __future__ import annotations

import pytest

from screens.asking.questions import Confirm
from screens.sight import UNSEEN
from tests.screens.sample import lead
from tests.screens.stage import session_with
from tests.screens.test_screens_deciding import decided
from tests.screens.watching import running, until


@pytest.fixture
def crowd(tmp_path, clock):
    with session_with(tmp_path, [lead(number) for number in range(1, 33)], clock) as session:
        yield session


@pytest.mark.parametrize("where", [(), ("enter",)], ids=["in the list", "in the lead in full"])
async def test_no_act_meets_a_lead_that_the_terminal_has_not_taken_yet(crowd, where):
    async with running(crowd) as watch:
        await watch.press("j", *where)
        watch.app.output.hide()
        await watch.press("a")
        await until(lambda: UNSEEN[:30] in watch.foot())
        assert decided(crowd) == []
        watch.app.output.show()
        await watch.press("a")
        assert len(decided(crowd)) == 1


async def test_no_yes_is_taken_to_a_preview_that_the_terminal_has_not_taken_yet(crowd):
    async with running(crowd) as watch:
        await watch.press("asterisk", "r", "8")
        watch.app.output.hide()
        await watch.confirm()
        assert isinstance(watch.app.day.asking.question, Confirm)
        assert decided(crowd) == []
        watch.app.output.show()
        await watch.confirm()
        assert len(decided(crowd)) == 32
