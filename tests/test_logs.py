"""The log and the crash reports: ids, counts and classes; no secret, no lead, no control byte; never in the way."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import multiprocessing
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.corpus import HOSTILE
from triage import crash, logfile, logs, redaction
from triage.errors import Unreachable
from triage.logfile import LogFile
from triage.sync import log as sync_log
from triage.sync.events import SyncFinished, SyncReport, SyncStopped

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
TOKEN = "TOKEN-abc123"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ [A-Z]+ [^\x00-\x1f\x7f-\x9f]*")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Keep a log; what is returned gives its lines, once all of them are written."""
    monkeypatch.setattr(redaction, "_secrets", [])
    kept = logs.keep(tmp_path)

    def lines() -> list[str]:
        kept.close()
        path = tmp_path / logs.NAME
        return path.read_text().splitlines() if path.exists() else []

    yield lines
    logs.forget(kept)


# What a line is


def test_a_line_says_when_who_and_what(written: Callable[[], list[str]]) -> None:
    logging.getLogger("triage.sync").info("sync finished applied=%d", 3)
    (line,) = written()
    assert LINE.fullmatch(line)
    assert line.endswith(f" {os.getpid()} INFO sync finished applied=3")


def test_one_event_is_one_line_whatever_an_id_holds(written: Callable[[], list[str]]) -> None:
    for text in HOSTILE:
        logging.getLogger("triage").warning("conflict lead %s", text)
    lines = written()
    assert len(lines) == len(HOSTILE)
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_an_error_is_told_by_its_class_and_our_last_frame(written: Callable[[], list[str]]) -> None:
    try:
        LogFile(Path("/nowhere/Ada Park")).append("a line")
    except OSError:
        logging.getLogger("triage").exception("sync stopped")
    (line,) = written()
    assert re.search(r"ERROR sync stopped FileNotFoundError at triage\.logfile:\d+$", line)
    assert "Ada" not in line


def test_what_other_packages_say_is_named_and_never_quoted(written: Callable[[], list[str]]) -> None:
    logging.getLogger("somewhere.else").warning("lead Ada Park said %s", "hello")
    logging.getLogger("httpx").info("GET https://crm.example/?hapikey=%s", TOKEN)
    (line,) = written()
    assert line.endswith("WARNING somewhere.else")


# Secrets


WRITTEN = (
    f"Authorization: Bearer {TOKEN}",
    f"https://crm.example/?access_token={TOKEN}&x=1",
    f"refresh_token={TOKEN}",
    f'{{"password": "{TOKEN}"}}',
    f"Cookie={TOKEN}",
)


@pytest.mark.parametrize("told", WRITTEN)
def test_what_is_written_like_a_secret_is_blackened(written: Callable[[], list[str]], told: str) -> None:
    logging.getLogger("triage").info("said %s", told)
    (line,) = written()
    assert TOKEN not in line
    assert "***" in line


def test_a_known_secret_is_blackened_wherever_it_stands(written: Callable[[], list[str]]) -> None:
    redaction.hide(TOKEN)
    for told in (TOKEN, f"a{TOKEN}b", *WRITTEN):
        logging.getLogger("triage").info("said %s", told)
    assert TOKEN not in "".join(written())


def test_a_secret_that_begins_like_another_is_hidden_whole() -> None:
    redaction.hide("sentinel")
    redaction.hide("sentinel-and-more")
    assert redaction.redacted("a sentinel-and-more b") == "a *** b"


# Failures that nobody sees


def test_a_thread_that_ends_by_an_error_is_told_and_not_shown(
    written: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("Ada Park")

    thread = threading.Thread(target=fail, name="store")
    thread.start()
    thread.join()
    (line,) = written()
    assert "thread store ended ValueError" in line
    assert "Ada" not in line
    assert capfd.readouterr() == ("", "")


def test_a_task_that_nobody_awaited_and_a_finalizer_are_told_and_not_shown(
    written: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("Ada Park")

    async def fail() -> None:
        raise ValueError("Ada Park")

    async def main() -> None:
        task = asyncio.get_running_loop().create_task(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())
    logs._tell_unraisable(type("Failure", (), {"exc_value": ValueError("Ada Park")}))
    lines = written()
    assert any(line.endswith("ERROR asyncio ValueError") for line in lines)
    assert any("not raised ValueError" in line for line in lines)
    assert "Ada" not in "".join(lines)
    assert capfd.readouterr() == ("", "")


def test_the_hooks_are_given_back(tmp_path: Path) -> None:
    logs.forget(logs.keep(tmp_path))
    assert threading.excepthook is threading.__excepthook__
    assert sys.unraisablehook is sys.__unraisablehook__


# The file


def test_the_log_is_for_its_owner_and_its_size_is_bounded(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "triage.log", largest=1_000)
    (tmp_path / "triage.log").touch(0o644)
    file.append("the first line")
    assert stat.S_IMODE((tmp_path / "triage.log").stat().st_mode) == 0o600
    before = os.umask(0)
    try:
        for number in range(200):
            file.append(f"line {number:03d} {'x' * 40}")
    finally:
        os.umask(before)
    parts = sorted(tmp_path.glob("triage.log*"))
    assert [part.name for part in parts] == [
        *("triage.log", "triage.log.1", "triage.log.2", "triage.log.lock"),
    ]
    assert {stat.S_IMODE(part.stat().st_mode) for part in parts} == {0o600}
    assert all(part.stat().st_size <= 1_000 for part in parts)
    assert (tmp_path / "triage.log").read_text().splitlines()[-1].startswith("line 199")


def _write_lines(path: Path, who: int) -> None:
    for number in range(150):
        LogFile(path, largest=2_000, kept=50).append(f"{who} {number:03d} {'x' * 50}")


def test_processes_that_write_at_once_lose_and_tear_no_line(tmp_path: Path) -> None:
    path = tmp_path / "triage.log"
    forks = multiprocessing.get_context("fork")
    writers = [forks.Process(target=_write_lines, args=(path, who)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    found = [
        line
        for part in tmp_path.glob("triage.log*")
        for line in part.read_text().splitlines()
        if part.suffix != ".lock"
    ]
    assert sorted(found) == sorted(f"{who} {n:03d} {'x' * 50}" for who in range(4) for n in range(150))


def test_a_log_that_cannot_be_written_is_no_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = logs.keep(tmp_path / "there is no such folder")
    try:
        logging.getLogger("triage").info("begun")
        kept.emit(logging.LogRecord("triage", logging.INFO, "", 0, "%d", ("no number",), None))
    finally:
        logs.forget(kept)
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LogFile(tmp_path / "triage.log")
    file.append("whole")
    write = os.write
    monkeypatch.setattr(logfile.os, "write", lambda handle, data: write(handle, data[:3]))
    file.append("cut off")
    monkeypatch.undo()
    file.append("whole again")
    assert (tmp_path / "triage.log").read_text() == "whole\nwhole again\n"


def test_a_disk_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    stuck = threading.Event()

    class Stuck(LogFile, frozen=True):
        def append(self, line: str) -> None:
            stuck.wait(30)

    log = logs.Log(Stuck(tmp_path / "triage.log"))
    record = logging.LogRecord("triage", logging.INFO, "", 0, "a line", None, None)
    for _ in range(logs._AT_MOST_WAITING + 50):
        log.emit(record)
    assert log._lines.qsize() <= logs._AT_MOST_WAITING
    log.close()
    stuck.set()


def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("precious")
    (tmp_path / "triage.log").symlink_to(other)
    with pytest.raises(OSError, match="symbolic") as refused:
        LogFile(tmp_path / "triage.log").append("a line")
    assert refused.value.errno == errno.ELOOP
    assert other.read_text() == "precious"


# A sync


def test_a_sync_is_told_by_counts_and_classes(written: Callable[[], list[str]]) -> None:
    sync_log.note(SyncFinished(SyncReport(applied=2, fetched=7, unread={"name": 3})))
    sync_log.note(SyncStopped(Unreachable("https://ada@northwind.example is down"), SyncReport(applied=1)))
    one, two = written()
    assert one.endswith("INFO sync finished applied=2 fetched=7 unread=3")
    assert two.endswith("WARNING sync stopped Unreachable applied=1")


# Crash reports


def broken() -> BaseException:
    """An error with a cause, out of our own code, that holds a lead in its text and in a variable."""
    lead = "Ada Park, Northwind"
    try:
        try:
            raise KeyError(lead)  # noqa: TRY301 - the line that the report names
        except KeyError as error:
            raise ExceptionGroup(f"for {lead}", [ValueError(lead)]) from error
    except ExceptionGroup as error:
        error.add_note(lead)
        return error


def test_a_report_says_where_and_nothing_of_a_lead(tmp_path: Path) -> None:
    path = crash.write_report(tmp_path, broken(), command="list", now=NOW)
    text = path.read_text()
    assert path.name == f"crash-20261117T090000Z-{os.getpid()}.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Ada" not in text
    assert str(Path.home()) not in text
    assert re.search(
        r"builtins\.KeyError\n  (?:tests\.)?test_logs:\d+ broken\n    raise KeyError\(lead\)", text
    )
    assert text.index("KeyError") < text.index("which led to") < text.index("ExceptionGroup")
    assert "builtins.ValueError" in text


def test_the_last_few_reports_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for second in range(crash.KEPT + 3):
        crash.write_report(tmp_path, ValueError(), command="list", now=NOW.replace(second=second))
    kept = crash.reports(tmp_path)
    assert [path.name[6:21] for path in kept] == [f"20261117T09000{second}" for second in range(3, 8)]


def test_a_report_never_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / f"crash-20261117T090000Z-{os.getpid()}.txt").symlink_to(tmp_path / "other")
    with pytest.raises(FileExistsError):
        crash.write_report(tmp_path, ValueError(), command="list", now=NOW)
    assert not (tmp_path / "other").exists()
