"""Reads are tried again without a pause, and no test knows which CRM was silent in another."""

from __future__ import annotations

import pytest
import stamina

from triage.crm import http


@pytest.fixture(autouse=True)
def no_pause_between_tries(monkeypatch):
    monkeypatch.setattr(stamina, "retry_context", _impatient(stamina.retry_context))


@pytest.fixture(autouse=True)
def no_memory_of_silence(monkeypatch):
    monkeypatch.setattr(http, "_silent", set())


def _impatient(retry_context):
    def quick(**settings):
        return retry_context(**settings | {"wait_initial": 0.0, "wait_max": 0.0, "wait_jitter": 0.0})

    return quick
