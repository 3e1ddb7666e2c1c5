"""A migration that ends at any moment, by a kill or by a power loss, leaves the old file or the new one."""

from __future__ import annotations

import contextlib
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from older_format import NAME, NEW, OLD, RENAMED, SPLIT, content, old_disk
from power_loss import MemoryDisk

from triage.errors import NewerFormat, StoreError
from triage.store.migrations import Contents, Migration
from triage.store.tiny import JournalDB


def test_stopped_at_any_call_or_by_a_power_loss_it_is_the_old_file_or_the_new_one() -> None:
    assert list(broken_states()) == []


@pytest.mark.parametrize("forgotten", ["sync", "sync folder"])
def test_the_model_notices_a_sync_that_is_left_out(forgotten: str) -> None:
    assert any(broken_states(frozenset({forgotten})))


def broken_states(forgets: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what is wrong with a state: neither program reads all, or the copy is not whole."""
    files = {name: bytes(inode.data) for name, inode in old_disk().names.items()}
    disk = MemoryDisk(files, forgets=forgets)
    content(disk, RENAMED, SPLIT)
    finished = len(disk.log)
    seen = set()
    for moment in range(finished, -1, -1):
        for state in disk.states_after_power_loss(moment):
            key = tuple(sorted(state.items()))
            if moment == finished and state[NAME] == files[NAME]:
                yield "the new file is lost after the opening returned"
            if key in seen:
                continue
            seen.add(key)
            if not is_old_or_new(state):
                yield f"neither old nor new at call {moment}"
            kept_whole = files[NAME] in [data for name, data in state.items() if ".before-" in name]
            if state[NAME] != files[NAME] and not kept_whole:
                yield f"no copy at call {moment}"
    assert forgets or len(seen) > 1000


def is_old_or_new(state: dict[str, bytes]) -> bool:
    try:
        if content(MemoryDisk(state), RENAMED, SPLIT) != NEW:
            return False
    except StoreError:
        return False
    try:
        return content(MemoryDisk(state)) == OLD
    except NewerFormat:
        return True


# Killed

OPENS = """
import sys
from triage.store.migrations import Migration
from triage.store.tiny import JournalDB
def doubled(contents):
    for row in contents["items"].values():
        row["n"] *= 2
print("opening", flush=True)
db = JournalDB(sys.argv[1], migrations=[Migration("", doubled)])
print("open", flush=True)
"""


def doubled(contents: Contents) -> None:
    for row in contents["items"].values():
        row["n"] *= 2


def killed_while_it_migrates(path: Path, kills: int) -> int:
    """Kill the opening of an old file at random moments; return how often it was begun and not done."""
    dice = random.Random(5)
    old = [{"n": number} for number in range(2_000)]
    new = [{"n": 2 * number} for number in range(2_000)]
    JournalDB(path).table("items").insert_multiple(old)
    first, longest, midway = path.read_bytes(), undisturbed(path), 0
    for _ in range(kills):
        path.write_bytes(first)
        for copy in path.parent.glob("*.before-*"):
            copy.unlink()
        said = opened_and_killed(path, dice.uniform(0, longest))
        left = sorted(file.name for file in path.parent.iterdir())
        is_old = path.read_bytes() == first
        midway += is_old and len(left) > 2
        if is_old:
            assert "open" not in said, "it was told to be open"
            assert JournalDB(path).table("items").all() == old
        else:
            assert any(copy.read_bytes() == first for copy in path.parent.glob("*.before-*"))
        assert JournalDB(path, migrations=[Migration("", doubled)]).table("items").all() == new
        assert not list(path.parent.glob("*.new"))
    return midway


def undisturbed(path: Path) -> float:
    """Open it once and return how many seconds a kill may come later than the beginning."""
    copy = path.with_name("undisturbed.journal")
    copy.write_bytes(path.read_bytes())
    began = time.monotonic()
    JournalDB(copy, migrations=[Migration("", doubled)]).close()
    seconds = time.monotonic() - began
    for file in path.parent.glob("undisturbed.*"):
        file.unlink()
    return 1.5 * seconds


def opened_and_killed(path: Path, seconds: float) -> list[str]:
    victim = subprocess.Popen(
        [sys.executable, "-c", OPENS, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert victim.stdout is not None
    assert select.select([victim.stdout], [], [], 60)[0]
    with contextlib.suppress(subprocess.TimeoutExpired):
        victim.wait(seconds)  # the random moment itself, not a wait for something
    victim.kill()
    said = victim.stdout.read().decode().split()
    victim.stdout.close()
    victim.wait()
    assert said[0] == "opening"
    return said


@pytest.mark.kill
def test_killed_at_a_random_moment_it_is_the_old_file_or_the_new_one(path) -> None:
    killed_while_it_migrates(path, 6)


@pytest.mark.soak
@pytest.mark.kill
def test_two_hundred_kills_leave_the_old_file_or_the_new_one(path) -> None:
    assert killed_while_it_migrates(path, 200) > 10, "hardly a kill came in the middle"
