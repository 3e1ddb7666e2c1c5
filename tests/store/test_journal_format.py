"""Format 1, byte for byte: a file written by any released version opens for ever."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.store.disk import Disk
from triage.store.record import IntactLines, Slate, body_span, decode, decode_all, encode, seal
from triage.store.replay import InMemory
from triage.store.tiny import JournalDB

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_1 = (
    b'd694f850 22 {"s":3,"v":1,"base":2}\n'
    b'55a68700 29 {"b":1,"t":{"items":{"n":4}}}\n'
    b'7ce55441 44 {"b":2,"t":{"items":{"p":{"2":{"id":"b"}}}}}\n'
    b'5564c5c4 50 {"s":4,"t":{"items":{"p":{"4":{"id":"d"}},"n":5}}}\n'
    b'b7e9887a 47 {"s":5,"t":{"items":{"r":[2]},"notes":{"n":1}}}\n'
)


def test_a_file_of_format_1_opens_to_what_it_always_meant(path) -> None:
    path.parent.mkdir()
    path.write_bytes(FORMAT_1)
    db = JournalDB(path)
    assert db.storage.read() == {"items": {"4": {"id": "d"}}, "notes": {}}
    assert db.table("items").insert({"id": "e"}) == 5
    assert path.read_bytes().startswith(FORMAT_1)


def lines_of(data: bytes) -> list[tuple[int, bytes]]:
    return list(IntactLines(InMemory(data).read))


def test_a_line_holds_its_checksum_its_length_and_json_without_a_line_feed() -> None:
    body = encode({"s": 1, "t": {"é": "\n"}})
    assert body == '{"s":1,"t":{"é":"\\n"}}'.encode()
    line = seal(body)
    assert body_span(line, 0) == (12, 12 + len(body))
    assert lines_of(line + line) == [(0, body), (len(line), body)]
    assert decode_all([body] * 450) == [decode(body)] * 450


@given(st.lists(st.tuples(st.lists(st.binary(max_size=40), max_size=4), st.booleans()), max_size=6))
def test_a_line_that_is_put_together_is_the_same_whatever_was_written_before(
    bodies: list[tuple[list[bytes], bool]],
) -> None:
    slate, held = Slate(), []
    for body, fails in bodies:
        with suppress(OSError), slate.line(body) as line:
            assert line == seal(b"".join(body))
            held.append(line[1:])
            if fails:
                raise OSError
            held.pop().release()


def test_the_memory_of_a_line_is_kept_for_the_next_but_not_that_of_a_very_long_one() -> None:
    slate, sizes = Slate(), []
    for size in (1 << 20, 10, 5 << 20, 10):
        with slate.line([b"x" * size]):
            pass
        sizes.append(slate._memory.getbuffer().nbytes)
    assert sizes[0] == sizes[1] > 1 << 20
    assert sizes[2:] == [0, sizes[3]]
    assert sizes[3] < 100


def test_a_lone_surrogate_is_kept_in_ascii_as_it_always_was() -> None:
    assert encode({"é": "\ud800"}) == rb'{"\u00e9":"\ud800"}'
    assert decode(rb'{"\u00e9":"\ud800"}') == {"é": "\ud800"}


@pytest.mark.parametrize("size", [1, 40, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_lines_longer_than_a_piece_are_read_whole(size: int) -> None:
    line = seal(encode({"v": "x" * size}))
    lines = IntactLines(InMemory(line * 3 + b"torn").read)
    assert [offset for offset, _body in lines] == [0, len(line), 2 * len(line)]
    assert lines.end == 3 * len(line)


@pytest.mark.parametrize(
    "head", [b"", b"00000000", b"00000000 ", b"00000000 x 1\n", b"00000000 -1 {}\n", b" 3 {}\n"]
)
def test_a_head_that_is_off_is_no_line(head: bytes) -> None:
    assert lines_of(head) == []


def test_the_names_of_new_folders_are_made_safe_too(tmp_path: Path) -> None:
    synced: list[str] = []

    class Recording(Disk):
        def __init__(self) -> None:
            self.paths: dict[int, str] = {}

        def open(self, target, flags, mode=0o777):
            fd = os.open(target, flags, mode)
            self.paths[fd] = str(target)
            return fd

        def fsync(self, fd):
            synced.append(self.paths[fd])
            os.fsync(fd)

    JournalDB(tmp_path / "a" / "b" / "x.journal", disk=Recording()).close()
    assert [str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b" / "x.journal.new")] == synced[:3]
    assert synced[3] == str(tmp_path / "a" / "b")
