"""SLA rules and calendar in the definition's file: what cannot be counted by is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load
from triage.errors import ConfigError

RULE = '[[sla]]\nname = "all"\nhours = 4.0\n'
CALENDAR = '[calendar]\ntime_zone = "Europe/Berlin"\nhours = { monday = ["09:00-17:00"] }\n'


def read(folder: Path, text: str):
    file = folder / "definition.toml"
    file.write_text('version = "5"\n' + text)
    return load.definition(file)


def test_rules_and_calendar_are_read(tmp_path):
    agreed = read(tmp_path, RULE + CALENDAR + "holidays = [2026-12-25]\n")
    assert [(rule.name, rule.hours, rule.applies_to, rule.counted_in) for rule in agreed.sla] == [
        ("all", 4.0, "all", "business")
    ]
    assert agreed.calendar.hours == {"monday": ("09:00-17:00",)}
    assert [f"{day}" for day in agreed.calendar.holidays] == ["2026-12-25"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RULE, "there is no calendar"),
        (RULE + CALENDAR.replace("Europe/Berlin", "Mars/Base"), "“Mars/Base” is not known here"),
        (CALENDAR.replace("09:00-17:00", "9 to 5"), "“9 to 5” are no open hours"),
        (CALENDAR.replace("monday", "caturday"), "“caturday” is no weekday"),
        (RULE.replace("4.0", "0.0") + CALENDAR, "gives 0 hours"),
        (RULE + RULE + CALENDAR, "all is there twice; first on line"),
        (RULE + 'applies_to = "friends"\n' + CALENDAR, "has to be one of hand_raise, threshold, all"),
        (RULE + 'counted_in = "dog years"\n' + CALENDAR, "has to be one of business, wall"),
        (RULE.replace("hours", "hour") + CALENDAR, "hour"),
    ],
)
def test_what_cannot_be_counted_by_is_refused_with_file_and_line(tmp_path, text, words):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, text)
    assert words in refused.value.message
    assert "definition.toml" in refused.value.message
