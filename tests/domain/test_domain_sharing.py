from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.invented import NOW, a_lead, an_entry, with_decision
from triage.domain.act import Act
from triage.domain.feedback import Feedback, FeedbackType
from triage.domain.item import State
from triage.domain.review import Reply, ReplyKind
from triage.domain.sharing import (
    LEFT_OUT,
    LONGEST,
    deed_line,
    feedback_words,
    lead_line,
    reply_line,
    without_reach,
)

words = st.text(max_size=30)
mails = st.from_regex(r"[a-z.]{1,12}@[a-z]{1,9}\.example", fullmatch=True)
phones = st.sampled_from(
    ("+49 30 5550 123", "(030) 5550-12345", "0049.30.5550.123", "5550123", "+1 (212) 555-0100", "030/5550123")
)


def decided(note: str = "", **params: str):
    entry = with_decision(an_entry(name="Jo Kim", company="Alpha", title="VP Ops"), Act.REJECT, State.QUEUED)
    said = replace(entry.decision.decision, reason="WRONG_PERSONA", note=note, params=params)
    return replace(entry, decision=replace(entry.decision, decision=said))


def test_a_lead_is_told_in_one_line():
    line = lead_line(decided(criterion="consultant"), "Webinar X")
    assert line.startswith("Jo Kim, Alpha (VP Ops) · ")
    assert line.endswith(" · rejected WRONG_PERSONA: consultant · from Webinar X")


def test_a_reply_is_told_with_what_it_answers_and_points_at():
    entry = decided()
    told = Reply(
        "r", entry.decision.id, ReplyKind.CHANGED, "No points for consultants", by="Kim", link="scoring m8"
    )
    assert reply_line(told, entry.decision, entry.outline) == (
        "Jo Kim, Alpha (VP Ops) · rejected WRONG_PERSONA"
        " · marketing (Kim): changed “No points for consultants” → scoring m8"
    )
    assert (
        reply_line(replace(told, lead_id="L-9", by="", link=None, text=" "), None, None)
        == "L-9 · marketing: changed"
    )


def test_feedback_is_told_by_what_it_points_at():
    told = Feedback(
        "f", a_lead().lead_id, FeedbackType.SCORE_ACCURACY, {"verdict": "too_high", "contribution": "VP"}, NOW
    )
    assert feedback_words(told) == "score accuracy: VP, too high"


@given(words, mails, words)
def test_no_line_holds_an_address(before, mail, after):
    text = f"{before} {mail} {after}"
    assert mail not in without_reach(text)
    entry = decided(note=text)
    entry = replace(entry, outline=replace(entry.outline, name=mail, title=text[:60]))
    reply = Reply("r", "d", ReplyKind.CHANGED, text, by=mail, link=f"mailto:{mail}")
    lines = (
        lead_line(entry, text),
        deed_line(entry.decision, entry.outline),
        reply_line(reply, None, entry.outline),
    )
    assert all(mail not in line and len(line) <= LONGEST for line in lines)


@given(words.filter(lambda text: not re.search(r"\d\W*$", text)), phones)
def test_no_line_holds_a_number_to_call(before, phone):
    line = lead_line(decided(note=f"{before} {phone} please"), "")
    assert phone not in line
    assert LEFT_OUT in line


def test_a_date_and_a_version_are_no_number_to_call():
    text = "wake 2026-11-17, model 2026.3, definition v12, 24-47 %"
    assert without_reach(text) == text


def test_an_address_that_is_cut_off_is_not_half_told():
    assert "ada" not in lead_line(decided(note="x" * 155 + " ada.park@northwind.example"), "")
