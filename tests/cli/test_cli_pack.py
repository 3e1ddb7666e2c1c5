"""`triage pack`: the meeting's pack, as files or on stdout, with the numbers of `triage insights`."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import crm_on
from triage.pack.formats import FORMATS


@pytest.fixture(scope="module")
def shells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Inside, Inside]]:
    """Marketing's home and a rep's, at one CRM with its history."""
    folder = tmp_path_factory.mktemp("pack")
    marketing, rep = Inside(folder / "marketing"), Inside(folder / "rep")
    with crm_on(0, folder / "crm", "--leads", "12") as facts:
        for shell, token in ((marketing, "marketing_token"), (rep, "rep_token")):
            shell.token = facts[token]
            shell.ok("login", "work", "--url", facts["url"])
        yield marketing, rep


def test_without_a_format_all_four_are_written_named_by_the_period(
    shells: tuple[Inside, Inside], tmp_path: Path
) -> None:
    marketing, _ = shells
    told = marketing.ok("pack", "--week", "-o", str(tmp_path)).err
    files = sorted(tmp_path.iterdir())
    assert sorted(path.suffix[1:] for path in files) == sorted(FORMATS)
    assert len({path.stem for path in files}) == 1
    for path in files:
        assert path.name.startswith("pack-20")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert str(path) in told
    before = [path.read_bytes() for path in files]
    assert "is there already" in marketing.said(2, "pack", "--week", "-o", str(tmp_path))
    assert [path.read_bytes() for path in files] == before
    document = json.loads((tmp_path / f"{files[0].stem}.json").read_text(encoding="ascii"))
    assert set(document["period"]) == {"since", "until"}


def test_its_numbers_are_those_of_the_insights_on_both_sides(shells: tuple[Inside, Inside]) -> None:
    marketing, rep = shells
    # A day, so that the same time is looked at however long the commands take.
    since = ("--since", f"{datetime.now(UTC) - timedelta(days=80):%Y-%m-%d}")
    pack = {one["name"]: one for one in marketing.ok("pack", *since, "--format", "json").json["insights"]}
    assert len(pack) > 15
    acceptance = marketing.ok("insights", "acceptance", *since, "--json").json
    assert acceptance["rows"]
    assert pack["acceptance"]["rows"] == acceptance["rows"]
    theirs = {one["name"]: one for one in rep.ok("pack", *since, "--format", "json").json["insights"]}
    assert theirs["acceptance"]["rows"] == acceptance["rows"]


def test_without_a_place_one_format_goes_to_stdout(shells: tuple[Inside, Inside]) -> None:
    marketing, _ = shells
    assert marketing.ok("pack", "--week").out.startswith("# Lead review\n")


def test_a_folder_that_is_not_there_is_made_for_its_owner_only(
    shells: tuple[Inside, Inside], tmp_path: Path
) -> None:
    marketing, _ = shells
    meeting = tmp_path / "meeting"
    marketing.ok("pack", "--week", "-o", str(meeting))
    assert sorted(path.suffix for path in meeting.iterdir()) == [".csv", ".html", ".json", ".md"]
    assert meeting.stat().st_mode & 0o777 == 0o700


def test_a_file_is_named_by_its_ending_and_one_that_says_nothing_is_refused(
    shells: tuple[Inside, Inside], tmp_path: Path
) -> None:
    marketing, _ = shells
    marketing.ok("pack", "--week", "-o", str(tmp_path / "monday.html"))
    assert (tmp_path / "monday.html").read_text().startswith("<!DOCTYPE html>")
    assert "says no format" in marketing.said(2, "pack", "-o", str(tmp_path / "pack.odt"))
    assert "there is no folder" in marketing.said(1, "pack", "-o", str(tmp_path / "no" / "where"))
    assert "--force is for files" in marketing.said(2, "pack", "--force")
    assert "Two stretches" in marketing.said(2, "pack", "--week", "--since", "4w")
    assert "not a day in the past" in marketing.said(2, "pack", "--since", "tomorrow")
