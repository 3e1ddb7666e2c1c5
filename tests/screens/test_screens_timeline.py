"""Marketing's touches as a story, and the figures of a source: what is marked, what is paler, what is raw on a key."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from screens.lead.page import lead_page
from screens.panels.marketing import source_line
from screens.panels.timeline import timeline
from tests.screens.sample import NOW, rich_lead
from tests.screens.test_screens_drawing import glance
from triage.domain.review import SourceStatistics
from triage.domain.touch import Campaign, Touch

CAMPAIGN = Campaign("2026Q4_WBN_v3", "Spring webinar")


def touch(number: int, summary: str, **more: object) -> Touch:
    return Touch(f"t{number}", NOW - timedelta(days=20 - number), summary=summary, **more)


TOUCHES = (
    touch(1, "Clicked an ad", kind="ad_click", channel="search", stage="awareness", roles=("first",)),
    touch(2, "Signed up", channel="webinar", campaign=CAMPAIGN.name, stage="interest", roles=("creating",)),
    touch(3, "Read “Guide” for 5 minutes", channel="website", asset="Guide", stage="consideration"),
    touch(
        4, "Asked for a demo", channel="website", asset="Demo", stage="decision", roles=("tipping", "last")
    ),
)


def story(width: int = 80, *, raw: bool = False) -> list[str]:
    look = glance(replace(rich_lead(), touches=TOUCHES, campaign=CAMPAIGN), width)
    return [line.text for line in timeline(dataclasses.replace(look, raw_names=raw))]


def test_the_latest_comes_first_and_each_part_in_the_story_is_marked():
    title, *lines = story()
    assert title == "Touches, the latest first"
    heads = [line for line in lines if "ago" in line[:10]]
    assert [line[10] for line in heads] == ["◆", "·", "◆", "◆"]
    assert [line.split("  ")[-1].strip() for line in heads] == [
        "tipping · last",
        "· Read “Guide” for 5 minutes",
        "creating",
        "first",
    ]


def test_each_tells_channel_campaign_in_words_asset_and_stage_once():
    about = [line.strip() for line in story()[2::2]]
    assert about == [
        "website · Demo · decision stage",
        "website · consideration stage",
        "webinar · Spring webinar · interest stage",
        "ad click · search · awareness stage",
    ]


def test_the_campaign_is_raw_where_that_is_asked_for():
    assert "            webinar · 2026Q4_WBN_v3 · interest stage" in story(raw=True)


def test_a_touch_that_nobody_put_in_words_is_called_by_what_is_known():
    bare = replace(rich_lead(), touches=(Touch("t", None, "form_fill"), Touch("u", None)))
    said = [line.text.strip() for line in timeline(glance(bare, 80))[1:]]
    assert said[:2] == ["· ?", "· form_fill"]


@pytest.mark.parametrize("width", [57, 68, 110])
def test_nothing_of_a_touch_is_cut_off(width):
    long = touch(5, "word " * 60 + "end", channel="c" * 90, stage="s" * 150, roles=("r" * 60, "tipping"))
    look = glance(replace(rich_lead(), touches=(long,)), width)
    lines = [line.text for line in timeline(look)]
    assert all(cell_len(line) <= width for line in lines)
    said = "".join("".join(lines).split())
    assert all(part in said for part in ("word" * 60 + "end", "c" * 90, "s" * 150, "r" * 60))


def of_source(accepted: int, decided: int):
    look = glance(rich_lead(), 100)
    return dataclasses.replace(
        look, statistics={"webinar": SourceStatistics("webinar", 90, accepted, decided)}
    )


def test_a_share_of_fewer_than_ten_is_paler_and_a_direction_only():
    few, enough = of_source(3, 9), of_source(20, 58)
    line = source_line(few)
    assert line is not None
    assert "33% accepted, n=9, direction only" in line.text
    assert line.segments[-1].style == few.ink.dim
    line = source_line(enough)
    assert line is not None
    assert "34% accepted, n=58, 24–47%" in line.text
    assert line.segments[-1].style == enough.ink.text


@pytest.mark.parametrize("width", [77, 157])
def test_the_page_ends_with_everything_on_record(width):
    rows, _column = lead_page(glance(rich_lead(), width))
    said = [row.line.text for row in rows] + [row.beside.text for row in rows if row.beside is not None]
    record = said[next(index for index, line in enumerate(said) if line.startswith("On record")) :]
    for label in ("name", "company", "profile", "campaign", "owner", "assigned", "lead"):
        assert any(line.startswith(f"{label:<10}") for line in record), label
