"""With other keys: no sentence names a key that the rep has given to something else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from screens.actions import default_keys
from screens.deciding.refusals import in_own_keys
from tests.screens.sample import NOW, lead
from tests.screens.stage import session_with
from tests.screens.test_screens_deciding import decided, unsent
from tests.screens.watching import running, until
from triage.desk.results import Skipped
from triage.domain.inbox import View
from triage.domain.lead import LeadId

KEYMAP = {
    **default_keys(),
    "accept": "x x",
    "reject": "v",
    "recycle": "exclamation_mark",
    "disqualify": "at",
    "down": "n",
    "up": "p",
    "note": "N",
    "help": "f1",
    "back": "less_than_sign",
    "quit": "Z",
    "sync": "g s",
    "next_view": "greater_than_sign",
}


async def test_the_hint_before_the_first_decision_names_the_reps_own_keys(session):
    async with running(session, keymap=KEYMAP) as watch:
        assert "n/p move · xx accept · v reject · F1 all keys" in watch.text()


async def test_what_takes_marks_and_filter_away_is_named_by_the_reps_own_key(session):
    async with running(session, keymap=KEYMAP) as watch:
        await watch.press("space")
        assert "< unmarks" in watch.text()
        await watch.press("less_than_sign", "slash")
        await watch.type("con")
        await watch.press("enter")
        assert "< takes it away" in watch.text()


async def test_leaving_with_something_unsent_names_the_reps_own_key(session):
    async with running(session, keymap=KEYMAP) as watch:
        await watch.press("x", "x", "Z")
        await watch.sees("Z again leaves them queued")


async def test_a_pair_that_quits_leaves_what_is_unsent_queued_when_it_comes_again(session):
    async with running(session, keymap={**default_keys(), "quit": "Z Z"}) as watch:
        await watch.press("a", "Z", "Z")
        await watch.sees("ZZ again leaves them queued")
        watch.ahead("Z", "Z")
        await until(lambda: not watch.app.is_running)
        assert len(unsent(session)) == 1


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ((), "gs fetches"),
        (("slash", "q", "enter"), "< takes the filter away."),
    ],
)
async def test_an_empty_list_names_the_reps_own_keys(tmp_path, clock, keys, said):
    with session_with(tmp_path, [], clock) as session:
        async with running(session, keymap=KEYMAP) as watch:
            await watch.press(*keys)
            await watch.sees(said)


async def test_an_empty_view_names_the_reps_own_key(session):
    async with running(session, keymap=KEYMAP) as watch:
        watch.app.screen.look_at(View.SNOOZED)
        await watch.sees("> shows the next view.")


async def test_a_refusal_names_the_reps_own_keys(tmp_path, clock):
    contacted = [replace(lead(number), contacted_at=NOW) for number in (1, 2)]
    with session_with(tmp_path, contacted, clock) as session:
        async with running(session, size=(120, 24), keymap=KEYMAP) as watch:
            await watch.press("v", "8")
            assert "recycle !, or disqualify @" in watch.foot()
            await watch.press("asterisk", "v", "8", "W")
            assert "recycle !, or disqualify @" in watch.text()
            assert "recycle y" not in watch.text()
            assert decided(session) == []


@pytest.mark.parametrize(
    ("shipped", "own"),
    [
        ("SLA ended 3 May: accept a, reject r, or recycle y", None),
        ("not contacted yet: reject r, recycle y, or d with DO_NOT_CONTACT", None),
        ("already rejected: u undoes a decision of yours", None),
        (
            "contacted 3 May: accept a, or d 6 DO_NOT_CONTACT",
            "contacted 3 May: accept d, or u 6 DO_NOT_CONTACT",
        ),
        ("already rejected: u undoes a decision of yours", "already rejected: a undoes a decision of yours"),
    ],
)
def test_each_key_in_a_refusal_becomes_the_reps_own_and_shipped_ones_stay(shipped, own):
    keymap = default_keys() | ({"accept": "d", "disqualify": "u", "undo": "a"} if own else {})
    (said,) = in_own_keys([Skipped(LeadId("L-1"), shipped)], keymap)
    assert said.why == (own or shipped)
