"""A borrowed token: asked for once in a run, and again after a refusal; kept nowhere."""

from __future__ import annotations

import asyncio
import threading
import traceback

import pytest

from config.borrowing import Borrowing
from config.credentials import without_tokens
from config.secret import Secret
from triage.crm.bearer import Tokens
from triage.errors import CredentialsUnavailable, NotSignedIn, UsageError


class Lender:
    """Gives the next of its tokens each time."""

    def __init__(self, *tokens: str | None) -> None:
        self.left = list(tokens)
        self.asked = 0

    def __call__(self) -> Tokens | None:
        self.asked += 1
        token = self.left.pop(0)
        return None if token is None else Tokens(token)


def test_a_run_asks_once():
    lender = Lender("first", "second")
    borrowing = Borrowing(lender)
    assert [borrowing.token(), borrowing.token()] == [Secret("first"), Secret("first")]
    assert lender.asked == 1


def test_after_a_refusal_it_is_asked_anew_and_the_same_again_is_none():
    borrowing = Borrowing(Lender("first", "second", "second"))
    borrowing.token()
    assert asyncio.run(borrowing.renew("first")) == "second"
    assert borrowing.token() == Secret("second")
    assert asyncio.run(borrowing.renew("second")) is None


def test_all_who_were_refused_at_the_same_time_share_one_question():
    lender = Lender("first", "second")
    borrowing = Borrowing(lender)
    borrowing.token()

    async def all_at_once() -> list[str | None]:
        return await asyncio.gather(*(borrowing.renew("first") for _ in range(5)))

    assert asyncio.run(all_at_once()) == ["second"] * 5
    assert lender.asked == 2


def test_where_there_is_nothing_to_borrow_the_keyring_has_it():
    assert Borrowing(Lender(None)).token() is None


def test_those_who_ask_at_the_same_time_wait_for_one_answer():
    lender = Lender("first")
    borrowing = Borrowing(lender)
    found = []
    threads = [threading.Thread(target=lambda: found.append(borrowing.token())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [Secret("first")] * 4


def test_an_adapters_own_mistake_shows_no_token():
    def broken() -> Tokens:
        raise OSError("TOKEN-abc123")

    with pytest.raises(CredentialsUnavailable, match="OSError") as caught:
        Borrowing(broken).token()
    assert "abc123" not in "".join(traceback.format_exception(caught.value))


def test_what_the_lender_says_is_passed_on():
    def refused() -> Tokens:
        raise NotSignedIn("over")

    with pytest.raises(NotSignedIn):
        Borrowing(refused).token()
    with pytest.raises(UsageError, match="is not a token"):
        Borrowing(Lender("two words")).token()


def test_no_other_program_is_given_the_secret_of_an_app():
    given = without_tokens({"TRIAGE_CLIENT_SECRET": "x", "TRIAGE_TOKEN": "x", "TRIAGE_HOME": "/home"})
    assert given == {"TRIAGE_HOME": "/home"}
