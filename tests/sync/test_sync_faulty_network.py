"""Whole syncs over real sockets that misbehave: pauses are kept to the second, and nothing odd is ever `applied`."""

from __future__ import annotations

import random
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import stamina

from tests.crm.certificates import Authority, by_nobody
from tests.crm.conftest import _impatient
from tests.crm.test_http_hostile import HOSTILE
from tests.crm.test_http_room import NO_ANSWERS
from tests.crm.wires import dripping, dropping, saying, silent
from tests.fakes import NOW, Crash, Office, lead_id
from tests.sync.wired_crm import ASK, WRITE, finished, on, run, stopped, told, wired_crm
from triage.crm import http
from triage.domain.act import Act
from triage.domain.item import State
from triage.errors import AnswerLost, BadAnswer, RateLimited, Unreachable
from triage.sync.events import SyncStopped
from triage.sync.policy import SPREAD, UNSAID_PAUSE

SHORT = 0.3
DATE = NOW + timedelta(days=400)
"""The server's clock: far from ours, for only the answer's own Date may count."""
UNSAID = UNSAID_PAUSE.total_seconds()


@pytest.fixture(autouse=True)
def no_pause_between_tries(monkeypatch):
    monkeypatch.setattr(stamina, "retry_context", _impatient(stamina.retry_context))
    monkeypatch.setattr(http, "_silent", set())


def accepted(place: Office, *numbers: int) -> list[str]:
    leads = [lead_id(number) for number in numbers or (1,)]
    return [item.id for item in place.desk.decide(leads, Act.ACCEPT).items]


def untouched(place: Office) -> bool:
    """Whether everything is queued, and no attempt was counted."""
    items = place.desk.outbox.all()
    return all(item.state is State.QUEUED and item.attempts == 0 for item in items) and bool(items)


# Pauses


def http_date(after: timedelta) -> str:
    return format_datetime(DATE + after, usegmt=True)


PAUSES: dict[str, tuple[str | None, float]] = {
    "3": ("3", 3),
    "99999": ("99999", 3600),
    "0.5": ("0.5", 0.5),
    "-1": ("-1", UNSAID),
    "abc": ("abc", UNSAID),
    "a date to come": (http_date(timedelta(seconds=90)), 90),
    "a date of tomorrow": (http_date(timedelta(days=1)), 3600),
    "no word": (None, UNSAID),
}
NONE_AT_ALL = {"0": "0", "a date that is past": http_date(timedelta(hours=-1))}


def asking_for_a_pause(status: int, value: str | None) -> Any:
    headers = f"Date: {http_date(timedelta())}\r\n" + (
        f"Retry-After: {value}\r\n" if value is not None else ""
    )
    return told({"error": {"code": "busy", "message": "Later."}}, f"{status} Later", headers)


@pytest.mark.parametrize("case", PAUSES)
async def test_a_pause_is_kept_to_the_second_and_not_a_fifth_longer(place, case):
    value, seconds = PAUSES[case]
    (item_id,) = accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(WRITE, asking_for_a_pause(429, value), times=1)
        assert isinstance(await stopped(place, crm.url), RateLimited)
        assert untouched(place)
        asked = len(crm.asked)
        for _ in range(3):
            place.clock.go(seconds=seconds * 0.3)
            place.reopen()
            assert isinstance(await stopped(place, crm.url), RateLimited)
        assert len(crm.asked) == asked
        place.clock.go(seconds=seconds * (0.1 + SPREAD) + 0.1)
        assert (await finished(place, crm.url)).applied == 1
    assert crm.effects == [item_id]


@pytest.mark.parametrize("case", NONE_AT_ALL)
async def test_a_pause_of_no_length_stops_the_run_and_nothing_else(place, case):
    accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(WRITE, asking_for_a_pause(429, NONE_AT_ALL[case]), times=1)
        assert isinstance(await stopped(place, crm.url), RateLimited)
        assert (await finished(place, crm.url)).applied == 1


@pytest.mark.parametrize("where", ["GET /v1/me", "GET /v1/capabilities", "GET /v1/leads", "GET /v1/replies"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_pause_asked_for_at_any_request_is_kept(place, where, status):
    if where == "GET /v1/capabilities":
        accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(where, asking_for_a_pause(status, "40"), times=1)
        error = await stopped(place, crm.url)
        assert isinstance(error, Unreachable)
        assert error.retry_after == 40
        asked = len(crm.asked)
        place.clock.go(seconds=38)
        assert "pause" in (await stopped(place, crm.url)).message
        assert len(crm.asked) == asked
        place.clock.go(seconds=2 + 40 * SPREAD)
        await finished(place, crm.url)


async def test_a_503_that_asks_for_a_pause_leaves_the_item_in_doubt_and_asks_only_after_it(place):
    (item_id,) = accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(WRITE, asking_for_a_pause(503, "120"), times=1)
        assert isinstance(await stopped(place, crm.url), AnswerLost)
        assert crm.asked[-1] == WRITE
        assert place.state(item_id) is State.UNKNOWN
        place.clock.go(seconds=119)
        asked = len(crm.asked)
        assert "pause" in (await stopped(place, crm.url)).message
        assert len(crm.asked) == asked
        place.clock.go(seconds=1 + 120 * SPREAD)
        assert (await finished(place, crm.url)).applied == 1
        assert crm.asked[asked + 2] == f"{ASK}{item_id}"
    assert crm.effects == [item_id]


async def test_a_503_without_a_word_about_time_is_asked_about_at_once(place):
    (item_id,) = accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(WRITE, asking_for_a_pause(503, None), times=1)
        assert (await finished(place, crm.url)).applied == 1
        assert crm.asked.index(f"{ASK}{item_id}") > crm.asked.index(WRITE)
    assert crm.effects == [item_id]


async def test_a_daily_quota_is_asked_about_once_an_hour(place):
    accepted(place)
    async with wired_crm() as crm:
        crm.strike = on(WRITE, asking_for_a_pause(429, "86400"))
        for _ in range(24 * 12):
            await run(place, crm.url)
            place.clock.go(minutes=5)
        assert 20 <= crm.asked.count(WRITE) <= 25
        assert len(crm.asked) <= 3 * 25
        assert untouched(place)


async def test_a_longer_pause_takes_the_place_of_a_shorter_one_and_no_other_way_round(place):
    accepted(place)
    async with wired_crm() as crm:
        place.desk.outbox.remember("pause_until", (place.clock.now + timedelta(seconds=1)).isoformat())
        place.clock.go(seconds=2)
        crm.strike = on("GET /v1/me", asking_for_a_pause(429, "300"), times=1)
        await stopped(place, crm.url)
        until = place.desk.outbox.note("pause_until")
        for _ in range(20):
            place.clock.go(seconds=10)
            await stopped(place, crm.url)
        assert place.desk.outbox.note("pause_until") == until


def later(item_id: str, seconds: float | None) -> dict[str, Any]:
    return {"decision_id": item_id, "outcome": "retry", "messages": ["locked"], "retry_after": seconds}


async def test_one_item_that_is_to_come_later_holds_up_no_other_and_comes_no_sooner(place):
    one, two = accepted(place, 1, 2)
    async with wired_crm() as crm:
        crm.rewrite = lambda rows: [row if row["decision_id"] == two else later(one, 600) for row in rows]
        report = await finished(place, crm.url)
        assert (report.applied, report.retry) == (1, 1)
        assert crm.asked.count(WRITE) == 1
        crm.effects.remove(one)
        (three,) = accepted(place, 3)
        crm.rewrite = lambda rows: rows
        place.clock.go(minutes=9)
        place.reopen()
        assert (await finished(place, crm.url)).applied == 1
        assert crm.effects == [two, three]
        place.clock.go(minutes=2)
        assert (await finished(place, crm.url)).applied == 1
    assert crm.effects == [two, three, one]


async def test_a_single_item_that_is_to_come_later_does_not_stop_the_fetch_or_the_next_decision(place):
    (one,) = accepted(place, 1)
    async with wired_crm() as crm:
        crm.rewrite = lambda rows: [later(row["decision_id"], 600) for row in rows]
        assert isinstance(await stopped(place, crm.url), Unreachable)
        assert "GET /v1/leads" in crm.asked
        crm.effects.clear()
        crm.rewrite = lambda rows: rows
        (two,) = accepted(place, 2)
        assert (await finished(place, crm.url)).applied == 1
    assert crm.effects == [two]
    assert place.state(one) is State.QUEUED


async def test_a_whole_batch_that_is_to_come_later_is_a_pause_of_the_account(place):
    accepted(place, 1, 2)
    async with wired_crm() as crm:
        crm.rewrite = lambda rows: [later(row["decision_id"], 600) for row in rows]
        assert isinstance(await stopped(place, crm.url), RateLimited)
        asked = len(crm.asked)
        place.clock.go(minutes=9)
        assert isinstance(await stopped(place, crm.url), RateLimited)
        assert len(crm.asked) == asked


def test_a_pause_outlasts_a_crash_that_comes_right_after_the_answer(place: Office) -> None:
    accepted(place, 1, 2)
    place.crm.faults = ["429"]

    def crash(step: str) -> None:
        if step == "recorded":
            raise Crash

    with pytest.raises(Crash):
        place.sync(step=crash)
    place.reopen()
    accepted(place, 3)
    assert isinstance(place.stopped().error, RateLimited)
    assert len(place.crm.pushed) == 1


# Answers that are none


ODD = {name: behaviour for name, (behaviour, _) in NO_ANSWERS.items()} | {
    name: behaviour for name, (behaviour, *_) in HOSTILE.items() if name != "endless"
}


@pytest.mark.parametrize("case", ODD)
async def test_no_odd_answer_to_a_write_is_ever_taken_for_done_and_one_effect_comes_of_it(place, case):
    ids = accepted(place, 1, 2)
    async with wired_crm() as crm:
        crm.strike = on("POST", ODD[case])
        questions = on("GET /v1/decisions", ODD[case])
        writes = crm.strike
        crm.strike = lambda what: writes(what) or questions(what)
        await run(place, crm.url)
        assert not place.desk.outbox.in_states([State.APPLIED, State.REFUSED, State.CONFLICT])
        assert len(place.desk.outbox.in_states([State.UNKNOWN, State.QUEUED])) == 2
        assert crm.effects == []
        crm.strike = lambda _what: None
        place.clock.go(minutes=20)
        assert (await finished(place, crm.url)).applied == 2
    assert sorted(crm.effects) == sorted(ids)


async def test_a_broken_question_does_not_let_an_item_be_sent_twice(place):
    """The effect is there, its answer is lost, and nobody can be asked: it stays in doubt."""
    (item_id,) = accepted(place)
    async with wired_crm() as crm:
        crm.rewrite = lambda _rows: []
        crm.strike = on(ASK, saying(b'{"error": "no upstream"}', status="404 Not Found"))
        await run(place, crm.url)
        assert place.state(item_id) is State.UNKNOWN
        assert crm.asked.count(WRITE) == 1
        crm.strike = lambda _what: None
        assert (await finished(place, crm.url)).already == 1
        assert crm.asked.count(WRITE) == 1
    assert crm.effects == [item_id]


EVERYWHERE = {
    "a hotel's page": saying(b"<html>Welcome</html>", kind="text/html"),
    "a redirect to a sign-in": saying(
        b"", status="302 Found", headers="Location: https://portal.example/\r\n"
    ),
    "511": saying(b"<html></html>", status="511 Network Authentication Required", kind="text/html"),
    "an empty object": saying(b"{}"),
    "another product": saying(b'{"object": "list", "data": []}'),
    "another product's 404": saying(b'{"error": "Not Found"}', status="404 Not Found"),
    "a gateway's 502": saying(b"<html>Bad gateway</html>", status="502 Bad Gateway", kind="text/html"),
    "a gateway's 503": saying(b"<html></html>", status="503 Service Unavailable", kind="text/html"),
    "a reset": dropping,
    "silence": silent,
    "drips": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
}


@pytest.mark.parametrize("case", EVERYWHERE)
async def test_where_something_else_answers_the_run_stops_and_nothing_was_tried(place, case):
    accepted(place, 1, 2)
    leads = place.open_ids()
    async with wired_crm() as crm:
        crm.strike = on("", EVERYWHERE[case])
        error = await stopped(place, crm.url, deadline=SHORT)
        assert isinstance(error, Unreachable | BadAnswer)
        assert error.exit_code == 3
        assert error.message.endswith(".")
        assert WRITE not in crm.asked
    assert untouched(place)
    assert place.open_ids() == leads


@pytest.mark.parametrize("case", ["expired", "of_the_future", "of_another_host", "nobody"])
async def test_where_a_certificate_is_wrong_the_run_stops_and_nothing_was_tried(place, tmp_path, case):
    accepted(place, 1, 2)
    authority = Authority(tmp_path)
    tls = by_nobody() if case == "nobody" else getattr(authority, case)()
    async with wired_crm(tls) as crm:
        error = await stopped(place, crm.url, ca_file=authority.file)
        assert isinstance(error, Unreachable)
        assert "its certificate is refused" in error.message
        assert not [what for what in crm.asked if what != "HEAD /"]
    assert untouched(place)


async def test_over_a_certificate_that_is_right_everything_is_delivered(place, tmp_path):
    ids = accepted(place, 1, 2)
    authority = Authority(tmp_path)
    async with wired_crm(authority.good()) as crm:
        assert (await finished(place, crm.url, ca_file=authority.file)).applied == 2
    assert crm.effects == ids


@pytest.mark.parametrize("case", ["endless", "truncated body", "portal page", "not UTF-8", "many keys"])
async def test_a_fetch_that_meets_an_odd_answer_takes_no_lead_away(place, case):
    leads = place.open_ids()
    behaviour = HOSTILE[case][0] if case in HOSTILE else NO_ANSWERS[case][0]
    for cursor in (place.desk.leads.note("cursor"), ""):
        place.desk.leads.remember("cursor", cursor)
        async with wired_crm() as crm:
            crm.strike = on("GET /v1/leads", behaviour)
            events = await run(place, crm.url)
            assert isinstance(events[-1], SyncStopped)
        assert place.open_ids() == leads


# Answers for a part


@pytest.mark.parametrize("seed", range(4))
async def test_a_partial_answer_in_any_order_gives_each_item_its_own_and_the_rest_is_asked_about(place, seed):
    ids = accepted(place, 1, 2, 3, 4, 5)
    dice = random.Random(seed)
    missing = set(dice.sample(ids, 2))

    def garbled(rows: list[dict[str, Any]]) -> list[Any]:
        kept = [row | {"extra": [1]} for row in rows if row["decision_id"] not in missing]
        strangers = [None, 5, {"decision_id": "a stranger's", "outcome": "refused", "messages": ["no"]}]
        return dice.sample([*kept, kept[0], *strangers], len(kept) + 4)

    async with wired_crm() as crm:
        crm.rewrite = garbled
        report = await finished(place, crm.url)
        assert (report.applied, report.already) == (3, 2)
        assert {what.removeprefix(ASK) for what in crm.asked if what.startswith(ASK)} == missing
        assert crm.asked.count(WRITE) == 1
    assert sorted(crm.effects) == sorted(ids)
