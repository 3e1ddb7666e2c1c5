"""What an author of an adapter gets wrong is said to them in a sentence, and costs the rep nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.inside import Inside
from tests.crm.pen import LEADS, TOKEN, URL, Market, PenCrm
from triage.crm import registry
from triage.crm.checked import Checked
from triage.crm.contract import CrmContract, decision_on
from triage.crm.port import Capabilities, LeadPage, knows_team
from triage.domain.outcome import Absent, Applied, Receipt, RetryLater, Unknown
from triage.domain.people import Rep
from triage.domain.score import Score
from triage.errors import AnswerLost, BadAnswer, CrmError, NotPermitted, TriageError

ME = Rep("rep-1", "Robin Example")


# What is said where


async def test_an_adapter_that_keeps_to_the_port_is_itself_in_all_else(market):
    market.offer(PenCrm)
    crm = registry.make("pen", URL, TOKEN)
    assert isinstance(crm, Checked)
    assert (await crm.whoami(), crm.url, getattr(crm, "see", None)) == (ME, URL, None)
    assert not knows_team(crm)
    assert [page.leads async for page in crm.fetch(None)] == [LEADS]
    item = decision_on(LEADS[0])
    assert isinstance((await crm.push([item]))[item.id], Applied)
    with pytest.raises(CrmError, match="no place for"):
        await crm.reply(None)
    await crm.aclose()


def _with(word: str, method: object) -> Checked:
    return Checked("pen", type("Spoilt", (PenCrm,), {word: method})(URL, TOKEN), "the package triage-pen 1.0")


async def _asked(crm: Checked, word: str) -> None:
    """Use a word as triage does."""
    given = {"fetch": [None], "push": [[decision_on(LEADS[0])]], "verify": [decision_on(LEADS[0])]}
    found = getattr(crm, word)(*given.get(word, []))
    if word == "fetch":
        async for _ in found:
            pass
    else:
        await found


def a_page_with(**fields):
    async def fetch(self, cursor):
        yield LeadPage((LEADS[0], replace(LEADS[1], **fields)), (), "1", more=False)

    return fetch


def plainly(answer):
    """Return a method that is not async."""
    return lambda _self, *_given: answer


def answering(answer):
    """Return a method that is."""

    async def method(_self, *_given):
        return answer

    return method


a_coroutine = answering([])


def without_a_cursor(self):
    return None


async def a_crash(self, *given):
    return {}["a secret"]


async def nothing_known(self, cursor):
    yield ["L1", "L2"]


async def breaks_off(self, cursor):
    yield LeadPage((), (), "1", more=True)
    raise ZeroDivisionError("a secret")


MISTAKES = {
    "a method without async": ("whoami", plainly(ME), "write it as `async def whoami`"),
    "a generator in place of a coroutine": ("whoami", nothing_known, "it cannot be called as the port does"),
    "an answer of another type": ("whoami", a_coroutine, "the answer is of the type list, not Rep"),
    "a field of another type": (
        "capabilities",
        answering(Capabilities("Pen", batch="1")),
        "the answer.batch is of the type str, not int",
    ),
    "an exception that is not ours": ("whoami", a_crash, "KeyError is raised at test_adapter_mistakes.py, line"),
    "a fetch that returns": ("fetch", a_coroutine, "write it as `async def fetch` with `yield`"),
    "a fetch without async": ("fetch", plainly(iter([])), "as `async def fetch` with `yield`"),
    "a fetch without a cursor": ("fetch", without_a_cursor, "it cannot be called as the port does"),
    "a fetch of rows": ("fetch", nothing_known, "the answer is of the type list, not LeadPage"),
    "a fetch that breaks off": ("fetch", breaks_off, "ZeroDivisionError is raised at test_adapter_mistakes.py"),
    "a time without a zone": (
        "fetch",
        a_page_with(assigned_at=datetime(2026, 11, 1)),  # noqa: DTZ001 - the mistake
        "the answer.leads[1].assigned_at is a time without a zone: give aware times in UTC",
    ),
    "a time of another zone": (
        "fetch",
        a_page_with(assigned_at=datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=1)))),
        "the answer.leads[1].assigned_at is not in UTC",
    ),
    "a status that is a text": ("fetch", a_page_with(status="assigned"), "status is of the type str, not LeadStatus"),
    "a list in a lead": ("fetch", a_page_with(touches=[]), "leads[1].touches is of the type list, not a tuple"),
    "a fact that is an object": ("fetch", a_page_with(facts={"a": {}}), "leads[1].facts[…] is of the type dict"),
    "a score that is no number": (
        "fetch", a_page_with(score=Score(float("nan"))), "leads[1].score.score is no finite number",
    ),
    "a verdict that is a bool": ("verify", answering(False), "the answer is of the type bool"),
    "a verdict that is an outcome": (
        "verify",
        answering(Applied(Receipt("R1"))),
        "is of the type Applied, not one of Already, Absent, Conflicted",
    ),
    "a push that returns a list": ("push", a_coroutine, "is of the type list, not a mapping of outcomes by item id"),
    "a push that returns nothing": ("push", answering(None), "the answer is None, not a mapping"),
    "a push that is not async": ("push", plainly({}), "write it as `async def push`"),
    "a push that crashes": ("push", a_crash, "KeyError is raised at test_adapter_mistakes.py, line"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_names_adapter_method_place_and_package(mistake):
    word, method, says = MISTAKES[mistake]
    with pytest.raises(TriageError) as caught:
        await _asked(_with(word, method), word)
    error = caught.value
    assert error.message.startswith(f"The adapter “pen” does not keep to the port in `{word}`: ")
    assert says in error.message
    assert "the package triage-pen 1.0" in error.hint
    assert "a secret" not in f"{error.message} {error.hint}"
    assert isinstance(error, AnswerLost if word == "push" else BadAnswer), "a write may have taken effect"


async def test_what_the_adapter_raises_of_our_own_is_its_word_and_goes_through():
    async def whoami(self):
        raise NotPermitted("Not for you.")

    with pytest.raises(NotPermitted, match="Not for you") as caught:
        await _with("whoami", whoami).whoami()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "outcome", [True, None, "applied", Absent(), Applied("R1"), RetryLater("later", after="5"), Receipt("R1")]
)
async def test_an_item_whose_outcome_is_of_another_type_is_unknown_and_the_others_are_not(outcome):
    first, second = decision_on(LEADS[0]), decision_on(LEADS[1])
    done = Applied(Receipt("R2"))
    crm = _with("push", answering({first.id: outcome, second.id: done}))
    told = await crm.push([first, second])
    assert isinstance(told[first.id], Unknown)
    assert "The adapter “pen” does not keep to the port in `push`: the outcome" in told[first.id].why
    assert told[second.id] == done


async def test_an_outcome_under_an_id_that_was_not_given_is_nobodys():
    item, done = decision_on(LEADS[0]), Applied(Receipt("R1"))
    both = _with("push", answering({item.id: done, "another": done}))
    assert await both.push([item]) == {item.id: done}
    neither = _with("push", answering({item.lead_id: done}))
    told = (await neither.push([item]))[item.id]
    assert isinstance(told, Unknown)
    assert "not under the id of an item" in told.why


async def test_an_item_that_is_not_named_at_all_is_left_to_the_sync():
    assert await _with("push", answering({})).push([decision_on(LEADS[0])]) == {}


# In the program


@pytest.fixture
def shell(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    """A rep who is signed in at a CRM whose adapter was good until now."""
    monkeypatch.setattr(PenCrm, "taken", {})
    monkeypatch.setattr(PenCrm, "effects", [])
    market.offer(PenCrm)
    made = Inside(tmp_path / "home", token=TOKEN)
    made.ok("login", "work", "--crm", "pen", "--url", URL)
    made.ok("sync")
    yield made
    assert TOKEN not in "".join(made.printed)
    assert "Traceback" not in "".join(made.printed)


def _spoilt(word: str, method: object) -> type[PenCrm]:
    return type("Spoilt", (PenCrm,), {word: method})


@pytest.mark.parametrize(
    ("command", "word", "method"),
    [
        (("doctor",), "whoami", a_crash),
        (("doctor",), "capabilities", a_coroutine),
        (("sync",), "fetch", a_coroutine),
        (("sync",), "replies", a_crash),
        (("login", "other", "--crm", "pen", "--url", URL), "whoami", plainly(ME)),
    ],
)
def test_each_command_says_the_mistake_in_a_sentence(shell, market, command, word, method):
    market.offer(_spoilt(word, method))
    ran = shell.run(*command)
    assert ran.code
    assert f"The adapter “pen” does not keep to the port in `{word}`" in ran.out + ran.err
    assert "the package triage-pen 1.0" in ran.out + ran.err


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            {"ways": {"browser": a_crash}},
            "`ways[browser]`: KeyError is raised at test_adapter_mistakes.py, line",
        ),
        ({"ways": {"browser": a_coroutine}}, "`ways[browser]`: the answer is of the type list, not Granted"),
        ({"ways": a_coroutine}, "has a `ways` of the type function, not dict"),
        ({"ways": {"browser": a_crash}, "questions": ()}, "has a `questions` of the type tuple, not dict"),
    ],
)
def test_a_sign_in_that_goes_wrong_is_said_in_a_sentence(shell, market, said, says):
    market.offer(type("Spoilt", (PenCrm,), said))
    ran = shell.run("login", "other", "--crm", "pen", "--url", URL, "--with", "browser")
    assert ran.code
    assert says in ran.err


def test_the_doctor_names_an_adapter_that_does_not_load_and_one_that_is_not_used(shell, market):
    market.publish("nothing.here:Crm")
    assert "there is no module “nothing.here”" in shell.run("doctor").out
    market.publish("triage_pen:Crm", name="hubspot", package="another-pen", source="x = 1")
    assert "“hubspot” of the package another-pen 1.0 is not used" in shell.run("doctor").out


@pytest.mark.parametrize("gives", [True, None, "raises"])
def test_a_push_that_answers_wrongly_loses_nothing_and_nothing_happens_twice(shell, market, caplog, gives):
    async def push(self, items):
        told = {item.id: self.take(item) for item in items}
        if gives == "raises":
            raise LookupError("a secret")
        return dict.fromkeys(told, True) if gives else None

    market.offer(_spoilt("push", push))
    shell.ok("decide", "accept", "L1")
    said = shell.run("sync")
    assert "does not keep to the port in `push`" in said.out + said.err + caplog.text
    assert len(PenCrm.effects) == 1
    market.offer(PenCrm)
    shell.ok("sync")
    assert len(PenCrm.effects) == 1, "it was asked for before it could be sent again"
    assert [item["state"] for item in shell.ok("queue", "list", "--json").json] == ["applied"]


# In the contract


class PenStage:
    marketing = None

    def __init__(self, word: str, method: object) -> None:
        self.crm = _spoilt(word, method)(URL, TOKEN)


@pytest.mark.parametrize(
    ("word", "method", "test", "says"),
    [
        ("whoami", plainly(ME), "whoami_says_who_the_token_belongs_to", "in `whoami`: write it as"),
        ("fetch", a_coroutine, "a_fetch_gives_each_lead_once", "in `fetch`: write it as"),
        (
            "push",
            a_coroutine,
            "a_decision_is_applied_once_with_a_receipt",
            "in `push`: the answer is of the type list",
        ),
        (
            "whoami",
            answering(Rep("")),
            "whoami_says_who_the_token_belongs_to",
            "whoami names the user by",
        ),
    ],
)
async def test_the_contract_says_the_promise_that_is_broken(word, method, test, says):
    contract = CrmContract()
    checked = CrmContract.checked.__wrapped__(contract, PenStage(word, method))
    with pytest.raises((TriageError, AssertionError)) as caught:
        await getattr(contract, f"test_{test}")(checked)
    assert says in str(caught.value)
