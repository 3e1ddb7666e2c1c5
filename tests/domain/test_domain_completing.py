from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import NOW, a_score, ago, an_entry, inboxes
from triage.domain.completing import begun, completions
from triage.domain.filter_fields import FIELD_NAMES
from triage.domain.folding import fold
from triage.domain.query import BadFilter, parse

KNOWN = [
    an_entry("L-1", title="VP Operations", source="webinar"),
    an_entry("L-2", title="VP Sales, EMEA", source="webinar", score=a_score(band="B")),
    an_entry("L-3", title="CTO", source="web-form", company="Müller & Söhne"),
    an_entry("L-4", title="Head of Operations", source="event", assigned_at=ago(days=4)),
]
words = st.sampled_from([*FIELD_NAMES, *(name[:2] for name in FIELD_NAMES), "nothing"])
typed = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "-"]), words, st.sampled_from(["", ":", ">", "<="]),
        st.sampled_from(["", "we", "B", '"vp', "1", "A,B", "a,", "Mull"]),
    ),
)  # fmt: skip


def complete(text, caret=None, entries=KNOWN):
    caret = len(text) if caret is None else caret
    at_caret = begun(text, caret)
    if at_caret is None:
        return ()
    left = [entry for entry in entries if at_caret.rest.matches(entry, NOW)]
    return completions(text, caret, at_caret, left, NOW)


def offered(text, **more):
    return [(one.text, one.count) for one in complete(text, **more)]


def test_a_field_is_completed_by_its_beginning():
    assert offered("so") == [("source:", None)]
    assert offered("band:A sc") == [("band:A score>", None)]
    assert offered("-so") == [("-source:", None)]
    assert [one.label for one in complete("s")] == ["source:", "score>", "sla:", "status:"]
    assert offered("zz") == []


def test_a_value_is_completed_from_what_the_leads_hold_the_one_that_leaves_most_first():
    assert offered("source:we") == [("source:webinar", 2), ("source:web-form", 1)]
    assert offered("band:") == [("band:A", 3), ("band:B", 1)]
    assert offered("source:x") == []


def test_what_the_rest_of_the_filter_hides_is_not_counted():
    assert offered("band:B source:we") == [("band:B source:webinar", 1)]
    assert offered("source:we band:B", caret=9) == [("source:webinar band:B", 1)]


def test_of_a_negated_term_it_is_counted_what_is_left_then():
    assert offered("-source:we") == [("-source:web-form", 3), ("-source:webinar", 2)]


def test_what_has_blanks_or_commas_in_it_is_quoted():
    assert offered("title:vp") == [('title:"VP Operations"', 1), ('title:"VP Sales, EMEA"', 1)]
    assert offered('title:"vp s') == [('title:"VP Sales, EMEA"', 1)]
    for one in complete("title:vp"):
        assert sum(parse(one.text).matches(entry, NOW) for entry in KNOWN) == one.count


def test_any_word_of_a_text_can_be_the_beginning():
    assert offered("title:op") == [("title:Operations", 2)]
    assert offered("company:sohne") == [("company:Söhne", 1)]


def test_only_the_last_of_several_values_is_completed():
    assert offered("band:A,") == [("band:A,A", 3), ("band:A,B", 1)]
    assert offered("status:working,ass") == [("status:working,assigned", 4)]


def test_fixed_values_are_offered_as_far_as_a_lead_has_them():
    assert offered("sla:") == [("sla:on_time", 4)]
    assert offered("age>") == [("age>1h", 4), ("age>4h", 4), ("age>1d", 4), ("age>3d", 1)]
    assert offered("contacted:") == [("contacted:no", 4)]


def test_between_two_words_every_field_is_offered_and_right_before_a_word_nothing():
    fields = [one.label for one in complete("")]
    assert fields == [one.label for one in complete("band:A ")]
    assert {"source:", "age>"} <= set(fields)
    assert complete("band:A", 0) == ()


@given(st.text(max_size=20) | st.lists(typed, min_size=1, max_size=3).map(" ".join), st.data(), inboxes)
def test_completion_takes_nothing_away_of_what_was_typed(text, data, known):
    caret = data.draw(st.integers(0, len(text)))
    for one in complete(text, caret, entries=[*KNOWN, *known]):
        before, after = one.text[: one.caret], one.text[one.caret :]
        assert after == text[caret:]
        assert fold(before.replace('"', "")).startswith(fold(text[:caret].replace('"', "")).rstrip())


@given(typed)
def test_what_is_completed_can_be_read_and_leaves_as_many_as_was_said(text):
    for one in complete(text):
        with suppress(BadFilter):
            query = parse(one.text, typing=True)
            if one.count is not None and "," not in text:
                assert sum(query.matches(entry, NOW) for entry in KNOWN) >= one.count


@pytest.mark.parametrize("text", ["score>7", "employees:", "colour:r"])
def test_where_nothing_is_known_nothing_is_offered(text):
    assert complete(text) == ()
