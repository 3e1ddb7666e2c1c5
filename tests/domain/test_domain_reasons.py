from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.domain.invented import REASONS, a_lead, reason
from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.act import Act
from triage.domain.lead import Recycle
from triage.domain.reasons import Reason, ReasonBook
from triage.domain.touch import Touch
from triage.errors import UnknownReason

BOOK = ReasonBook(
    "2",
    (
        Reason("OTHER", Act.REJECT, "other", "0"),
        Reason("TOO_SMALL", Act.REJECT, "too small", "1", active=False, replaced_by="NOT_ICP"),
        Reason("NOT_ICP", Act.REJECT, "outside the ICP", "1"),
        Reason("SPAM", Act.REJECT, "spam", "2", active=False),
        Reason("NOT_ICP", Act.DISQUALIFY, "found out: outside the ICP", "3"),
    ),
)


def test_the_codes_of_an_act_come_in_the_order_of_their_keys_with_0_last():
    assert [why.code for why in BOOK.of(Act.REJECT)] == ["NOT_ICP", "OTHER"]
    assert [why.hotkey for why in REASONS.of(Act.REJECT)] == list("1234567890")


@pytest.mark.parametrize("act", Act)
def test_no_act_has_more_codes_than_digits_and_no_key_twice(act):
    keys = [why.hotkey for why in REASONS.of(act)]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set("1234567890")


def test_a_code_is_found_within_its_act_whatever_its_case():
    assert BOOK.find(Act.REJECT, " not_icp ").label == "outside the ICP"
    assert BOOK.find(Act.DISQUALIFY, "NOT_ICP").label == "found out: outside the ICP"


def test_a_code_of_another_act_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownReason, match="not a reason to disqualify") as refused:
        BOOK.find(Act.DISQUALIFY, "OTHER")
    assert "NOT_ICP" in refused.value.hint


def test_a_slip_of_the_finger_gets_the_nearest_code():
    with pytest.raises(UnknownReason) as refused:
        REASONS.find(Act.REJECT, "LOW_INTEND")
    assert refused.value.hint.startswith("Did you mean LOW_INTENT?")


def test_a_retired_code_cannot_be_chosen_but_stays_readable():
    with pytest.raises(UnknownReason) as refused:
        BOOK.find(Act.REJECT, "TOO_SMALL")
    assert refused.value.hint == "Use NOT_ICP."
    with pytest.raises(UnknownReason):
        BOOK.find(Act.REJECT, "SPAM")
    assert BOOK.label(Act.REJECT, "TOO_SMALL") == "too small"
    assert BOOK.label(Act.REJECT, "SPAM") == "spam"


def test_a_code_nobody_knows_is_shown_as_it_is():
    assert BOOK.label(Act.REJECT, "FROM_THE_CRM") == "FROM_THE_CRM"
    assert BOOK.label(Act.ACCEPT, None) == ""


def test_only_definitional_reasons_point_at_the_definition():
    pointing = {why.code for why in REASONS.of(Act.REJECT) if why.points_at_definition}
    assert pointing == {"NOT_ICP_COMPANY", "WRONG_PERSONA", "LOW_INTENT"}


def test_a_code_of_two_acts_counts_against_the_mql_in_the_same_way():
    for code in ("NOT_A_BUYER", "WRONG_PERSONA", "BAD_DATA", "COMPETITOR"):
        assert reason(Act.DISQUALIFY, code).counts_against_mql == reason(Act.REJECT, code).counts_against_mql


def test_every_act_has_a_past_participle():
    assert [act.done for act in Act] == [
        "accepted", "rejected", "recycled", "disqualified", "rerouted", "snoozed", "restored",
    ]  # fmt: skip


def test_the_badges_come_gravest_first_and_a_recycled_lead_has_one_more():
    everything = Account(
        customer=True, open_opportunity="O-1", siblings=(Sibling("L-2"),), duplicate_of=DuplicateMatch("L-3"),
        do_not_contact=True,
    )  # fmt: skip
    assert everything.badges == ("DNC", "CUST", "OPP", "DUP", "SIB")
    assert Account().badges == ()
    assert a_lead(account=Account(), recycles=(Recycle(None),)).badges == ("RE",)


def test_a_touch_is_found_by_the_part_it_played():
    touches = (Touch("t1", None, roles=("first", "creating")), Touch("t2", None, roles=("tipping", "last")))
    lead = replace(a_lead(), touches=touches)
    assert lead.touch("creating") == touches[0]
    assert lead.touch("last") == touches[1]
    assert a_lead().touch("first") is None
