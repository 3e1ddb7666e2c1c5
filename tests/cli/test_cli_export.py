"""`triage export`: raw events as JSON Lines, streamed, whole or not there."""

from __future__ import annotations

import errno
import json
import stat
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cli.inside import Inside
from tests.cli.shell import crm_on
from tests.pack.year import Year
from triage.cli.export import KINDS, _export
from triage.domain.review import ReviewedDecision
from triage.errors import ExportFailed, Unreachable, UsageError
from triage.exports import target
from triage.exports.target import export_in_parts


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("export")
    shell = Inside(folder / "home")
    with crm_on(0, folder / "crm", "--leads", "12") as facts:
        shell.token = facts["marketing_token"]
        shell.ok("login", "work", "--url", facts["url"])
        yield shell


def test_all_three_kinds_are_written_into_a_folder(shell: Inside, tmp_path: Path) -> None:
    told = shell.ok("export", "-o", str(tmp_path)).err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{kind}.jsonl" for kind in KINDS)
    for kind in KINDS:
        path = tmp_path / f"{kind}.jsonl"
        lines = path.read_text().splitlines()
        assert f"{path}: {len(lines):,} lines." in told
        assert lines
        assert path.read_text().isascii()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        events = [json.loads(line) for line in lines]
        assert len({event["lead_id"] for event in events}) > 10
        assert len({frozenset(event) for event in events}) == 1
    assert "is there already" in shell.said(2, "export", "-o", str(tmp_path))
    shell.ok("export", "feedback", "-o", str(tmp_path), "--force")


def test_one_kind_goes_to_stdout_from_a_day_on(shell: Inside) -> None:
    every = [json.loads(line) for line in shell.ok("export", "decisions").out.splitlines()]
    late = [json.loads(line) for line in shell.ok("export", "decisions", "--since", "2w").out.splitlines()]
    assert 0 < len(late) < len(every)
    assert [one for one in every if one["decided_at"] >= min(two["decided_at"] for two in late)] == late
    assert shell.ok("export", "feedback").out != shell.ok("export", "outcomes").out


def test_what_does_not_fit_is_named(shell: Inside, tmp_path: Path) -> None:
    assert "Three kinds do not fit" in shell.said(2, "export")
    assert "--force is for files" in shell.said(2, "export", "decisions", "--force")
    assert "not a day in the past" in shell.said(2, "export", "decisions", "--since", "soon")
    assert "there is no folder" in shell.said(1, "export", "-o", str(tmp_path / "no" / "where"))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class Broken(Year):
    """A CRM that goes away in the middle."""

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        async for decision in super().decisions(team=team):
            if decision.decision_id == "D-0000090":
                raise Unreachable("gone")
            yield decision


async def test_an_export_that_ends_early_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        await _export(Broken(100), KINDS, None, tmp_path, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    assert names_in(tmp_path) == []


class Twice(Year):
    """A CRM that tells what has moved to a later page again."""

    async def decisions(self, *, team: bool = False) -> AsyncIterator[ReviewedDecision]:
        for _ in range(2):
            async for decision in super().decisions(team=team):
                yield decision


async def test_what_comes_twice_is_written_once(tmp_path: Path) -> None:
    await _export(Twice(40), ("decisions",), None, tmp_path, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    assert len((tmp_path / "decisions.jsonl").read_text().splitlines()) == 40


async def test_a_long_export_is_not_held_in_memory(tmp_path: Path) -> None:
    await _export(Year(100), ("decisions",), None, tmp_path, force=False)  # type: ignore[arg-type]  # a CRM that only tells
    tracemalloc.start()
    try:
        await _export(Year(4_000), ("decisions",), None, tmp_path, force=True)  # type: ignore[arg-type]  # a CRM that only tells
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    written = (tmp_path / "decisions.jsonl").stat().st_size
    assert written > 2_000_000
    assert most < written / 3


def test_parts_are_a_file_only_when_all_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with export_in_parts(path, force=False) as write:
        write("1\n")
        write("2\n")
        assert not path.exists()
    assert path.read_text() == "1\n2\n"
    with pytest.raises(UsageError, match="there already"), export_in_parts(path, force=False) as write:
        write("3\n")
    with pytest.raises(AttributeError), export_in_parts(path, force=True) as write:
        write(None)  # type: ignore[arg-type]  # what no text is
    assert path.read_text() == "1\n2\n"
    assert names_in(tmp_path) == ["a.jsonl"]
    with pytest.raises(ExportFailed), export_in_parts(tmp_path / "no" / "a.jsonl", force=False):
        pass


@pytest.mark.parametrize("call", ["fsync", "link", "fchmod"])
def test_parts_on_a_full_disk_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(target.os, call, full)
    with (
        pytest.raises(ExportFailed, match="No space left"),
        export_in_parts(tmp_path / "a", force=False) as write,
    ):
        write("1")
    assert names_in(tmp_path) == []
