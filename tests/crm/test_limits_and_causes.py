"""The bounds of every answer, and the words for what stands in the way."""

from __future__ import annotations

import contextlib
import errno
import math
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.crm.answer import words_of
from triage.crm.causes import cause_of
from triage.crm.limits import decode, encode, pause

TEN = "Sat, 21 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("0", None, 0),
        ("120", None, 120),
        (" 7 ", None, 7),
        ("3601", None, 3600),
        ("9" * 400, None, 3600),
        ("Sat, 21 Nov 2026 10:02:00 GMT", TEN, 120),
        ("Sat, 21 Nov 2026 09:00:00 GMT", TEN, 0),
        ("Sun, 22 Nov 2026 10:00:00 GMT", TEN, 3600),
        ("Sat, 21 Nov 2026 10:02:00 GMT", None, None),
        ("Sat, 21 Nov 2026 10:02:00 GMT", "yesterday", None),
        ("-5", None, None),
        ("0.5", None, 0.5),
        ("1.5", None, 1.5),
        ("00003", None, 3),
        ("1e3", None, None),
        ("99999.9", None, 3600),
        ("٣", None, None),
        ("soon", TEN, None),
        ("", TEN, None),
        (None, TEN, None),
    ],
)
def test_a_pause_is_read_in_both_forms_and_bounded(retry_after, date, seconds):
    assert pause(retry_after, date) == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_pause_is_never_an_error(retry_after, date):
    seconds = pause(retry_after, date)
    assert seconds is None or 0 <= seconds <= 3600


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_what_is_encoded_is_decoded_unchanged(value):
    assert decode(encode(value)) == value


def test_a_lone_surrogate_goes_out_as_an_escape_and_comes_back():
    assert encode({"note": "\ud800"}) == b'{"note":"\\ud800"}'
    assert decode(encode("\ud800")) == "\ud800"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_number_that_json_does_not_know_is_sent(value):
    with pytest.raises(ValueError, match="JSON"):
        encode(value)


@given(st.binary(max_size=200))
def test_bad_json_is_a_value_error_and_nothing_else(raw):
    with contextlib.suppress(ValueError):
        decode(raw)


@pytest.mark.parametrize("body", [None, [], {}, {"error": "no"}, {"error": {}}, {"error": {"message": 5}}])
def test_an_error_without_words_has_none(body):
    assert words_of(body) == ""


def test_the_words_of_an_error_are_cleaned_and_bounded():
    assert words_of({"error": {"message": "\x1b[31m"}}) == "\ufffd[31m"
    assert len(words_of({"error": {"message": "x" * 10_000}})) < 330


CAUSES = [
    (OSError(errno.ECONNREFUSED, "x"), "connection refused", False),
    (OSError(errno.ENETUNREACH, "x"), "no network", False),
    (socket.gaierror(-2, "x"), "cannot be resolved", False),
    (ssl.SSLCertVerificationError(1, "certificate verify failed"), "certificate is refused", False),
    (ssl.SSLError(1, "wrong version"), "no secure connection", True),
    (ConnectionResetError(errno.ECONNRESET, "x"), "broke off", True),
    (RuntimeError("x"), "broke off", True),
]


@pytest.mark.parametrize(("error", "words", "passing"), CAUSES, ids=lambda value: repr(value)[:40])
def test_the_root_cause_is_found_and_said(error, words, passing):
    outer = RuntimeError("outer")
    outer.__cause__ = OSError("All connection attempts failed")
    outer.__cause__.__context__ = ExceptionGroup("many", [error])
    for carried in (error, outer):
        cause = cause_of(carried)
        assert words in cause.words
        assert cause.passing is passing


def test_a_refused_certificate_hints_at_the_authority_and_the_clock():
    hint = cause_of(ssl.SSLCertVerificationError(1, "x")).hint
    assert "ca_file" in hint
    assert "clock" in hint


def test_a_chain_that_bites_its_tail_ends():
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert cause_of(first).passing
