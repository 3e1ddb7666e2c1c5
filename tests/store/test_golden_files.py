"""What any released version wrote opens today, and shows all that it showed then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.store.golden_files import EXPECTED, GOLDEN, JOURNALS, shown, write
from triage import __version__
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import State
from triage.domain.review import ReplyKind

RELEASED = sorted(folder.name for folder in GOLDEN.iterdir())


def missing(expected: Any, actual: Any, at: str = "") -> list[str]:
    """Return where `actual` lacks or differs from what was shown; what it shows besides is no loss."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            lost
            for key, value in expected.items()
            for lost in ([f"{at}/{key}"] if key not in actual else missing(value, actual[key], f"{at}/{key}"))
        ]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [lost for number, (one, other) in pairs for lost in missing(one, other, f"{at}/{number}")]
    return [] if expected == actual else [f"{at}: {expected!r} became {actual!r}"]


def copied(version: str, folder: Path) -> Path:
    for name in JOURNALS:
        shutil.copy(GOLDEN / version / name, folder)
    return folder


@pytest.mark.parametrize("version", RELEASED)
def test_the_files_of_a_released_version_open_and_show_all_that_they_showed_then(version, tmp_path) -> None:
    expected = json.loads((GOLDEN / version / EXPECTED).read_text())
    actual = shown(copied(version, tmp_path))
    assert missing(expected, actual) == []
    assert actual["status"]["notices"] == []


@pytest.mark.parametrize("version", RELEASED)
def test_opening_them_a_second_time_changes_nothing_more(version, tmp_path) -> None:
    folder = copied(version, tmp_path)
    first = shown(folder)
    before = {name: (folder / name).read_bytes() for name in JOURNALS}
    assert shown(folder) == first
    assert {name: (folder / name).read_bytes() for name in JOURNALS} == before


@pytest.mark.parametrize("version", RELEASED)
def test_the_golden_files_hold_one_of_everything(version) -> None:
    expected = json.loads((GOLDEN / version / EXPECTED).read_text())
    items = expected["everything"]
    assert {item["state"] for item in items} == set(State)
    assert {item["decision"]["act"] for item in items if item["decision"]} == set(Act)
    assert {item["feedback"]["type"] for item in items if item["feedback"]} == set(FeedbackType)
    assert {reply["kind"] for reply in expected["replies"]} >= {ReplyKind.UPHELD, ReplyKind.NO_CHANGE}
    assert any(item["theirs"] for item in items)
    assert any(item["decision"] and item["decision"]["batch_id"] for item in items)
    assert expected["pause"]
    assert expected["status"]["offline"]


def test_the_files_of_this_version_hold_what_its_fields_can_say() -> None:
    expected = json.loads((GOLDEN / __version__ / EXPECTED).read_text())
    decisions = [item["decision"] for item in expected["everything"] if item["decision"]]
    assert {one["snapshot"]["blind"] for one in decisions} == {True, False}
    assert {one["skew_ms"] for one in decisions} == {120_000}
    assert {"T" in one["params"].get("until", "") for one in decisions} == {True, False}
    leads = [entry["lead"] for entry in expected["entries"]]
    twins = [one["account"]["duplicate_of"] or {} for one in leads]
    assert {one.get("found_here") for one in twins} >= {True, False}
    assert any(one["sla_rule"] and one["campaign"]["owner"] for one in leads)
    assert {one["score"]["reasons"] for one in leads} == {"weights", "order"}
    assert expected["rules_seen"]["definitions"]
    assert expected["provided"]["name"]


def test_this_version_has_its_golden_files_and_today_they_would_be_written_alike(tmp_path) -> None:
    assert __version__ in RELEASED
    write(tmp_path / "new")
    again = json.loads((tmp_path / "new" / EXPECTED).read_text())
    assert (
        again["status"]["counts"]
        == json.loads((GOLDEN / __version__ / EXPECTED).read_text())["status"]["counts"]
    )


def test_the_comparison_notices_what_is_lost_or_changed() -> None:
    assert missing({"a": [1, {"b": None}]}, {"a": [1, {"b": None}], "more": 1}) == []
    assert missing({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ["/a/1/b: 2 became 3"]
    assert missing({"a": 1}, {}) == ["/a"]
    assert missing([1, 2], [1]) == [": [1, 2] became [1]"]
