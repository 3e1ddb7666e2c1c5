"""What `make live` says on a machine that it cannot run on."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from tests.live import __main__ as live
from tests.live import prerequisites
from tests.live.prerequisites import PYTHON_VARIABLE, Missing, check


@pytest.fixture(autouse=True)
def a_machine_that_has_all(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(prerequisites, "_fits", lambda _candidate: True)
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)


def test_a_machine_that_has_all_gives_the_interpreter():
    assert str(check()) == sys.executable


@pytest.mark.parametrize(
    ("lacks", "value", "sentence"),
    [
        ((sys, "platform"), "darwin", "make live needs Linux"),
        ((os, "geteuid"), lambda: 1000, "make live must be run as root"),
        ((shutil, "which"), lambda _name: None, "make live needs apt-get"),
        ((prerequisites, "_fits"), lambda _candidate: False, "make live needs a Python of 3.12 or later"),
    ],
)
def test_what_is_missing_is_one_sentence_and_nothing_is_begun(monkeypatch, capsys, lacks, value, sentence):
    monkeypatch.setattr(*lacks, value)
    monkeypatch.setattr(live, "_debian", pytest.fail)
    assert live.main() == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"✗ {sentence}")


def test_a_missing_python_names_where_it_was_looked_for(monkeypatch):
    monkeypatch.setattr(prerequisites, "_fits", lambda _candidate: False)
    with pytest.raises(Missing) as caught:
        check()
    assert all(place in str(caught.value) for place in (sys.executable, "python3.13", PYTHON_VARIABLE))


def test_an_interpreter_that_is_named_is_the_only_one_that_is_tried(monkeypatch):
    monkeypatch.setenv(PYTHON_VARIABLE, "/opt/python/bin/python3")
    assert str(check()) == "/opt/python/bin/python3"
    monkeypatch.setattr(prerequisites, "_fits", lambda _candidate: False)
    with pytest.raises(Missing, match=r"Looked at: /opt/python/bin/python3\."):
        check()
