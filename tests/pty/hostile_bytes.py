"""Reading what a program sent to its terminal: which control sequences, and what among the text obeys or hides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyte
from wcwidth import wcwidth

from tests.corpus import CLASSES
from tests.terminal import Screen, Terminal

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ`-~])"
)
_CSI = re.compile(rb"\x1b\[([<-?]?)([0-9:;]*)([ -/]*)([@-~])")
CLIPBOARD = "OSC 52"


def kind_of(sequence: bytes) -> str:
    """Return what a sequence is, without where and how much: "CSI H", "CSI ?2026h", "SGR 38;2;", "OSC 52"."""
    csi = _CSI.fullmatch(sequence)
    if csi is None:
        return f"OSC {sequence[2:].split(b';')[0].decode()}" if sequence[1:2] == b"]" else repr(sequence[:2])
    private, numbers, between, final = (part.decode() for part in csi.groups())
    if final == "m":
        return " ".join(["SGR", *sorted(set(_attributes(numbers)))])
    if final in "hlpu" or between:
        return f"CSI {private}{numbers}{between}{final}"
    return f"CSI {private}{final}"


def _attributes(numbers: str) -> Iterable[str]:
    """Yield what an SGR sequence sets; a 24-bit colour is one attribute, whatever its shade."""
    parts = iter(numbers.split(";"))
    for part in parts:
        if part in ("38", "48"):
            yield f"{part};{next(parts, '')}"
            for _shade in range(3):
                next(parts, "")
        else:
            yield part or "0"


def sequences(raw: bytes) -> list[bytes]:
    """Return all control sequences."""
    return _SEQUENCE.findall(raw)


def kinds(raw: bytes) -> set[str]:
    """Return the kinds of all control sequences."""
    return {kind_of(sequence) for sequence in sequences(raw)}


def attributes(found: Iterable[str]) -> set[str]:
    """Return what the SGR kinds among these set."""
    return {part for kind in found if kind.startswith("SGR") for part in kind.split(" ")[1:]}


_CUT_OFF = re.compile(rb"\x1b\[?[0-9;:?]*\Z")
"""A sequence of which the rest was not read yet."""


def leaks(raw: bytes, plain: bytes) -> list[str]:
    """Return what is in `raw` that a run with plain data does not send and that is no harmless text."""
    usual = kinds(plain)
    found = kinds(raw)
    told = [kind for kind in found - usual if not kind.startswith("SGR")]
    told += [f"SGR {part}" for part in attributes(found) - attributes(usual)]
    told += [ascii(one) for one in _HOSTILE_SEQUENCES & set(sequences(raw)) - set(sequences(plain))]
    # The line's end is the app's own: the kernel writes it as two bytes.
    whole = _CUT_OFF.sub(b"", _SEQUENCE.sub(b"", raw))
    text = whole.replace(b"\r\n", b"").decode(errors="surrogateescape")
    told += [f"U+{ord(character):04X}" for character in sorted(set(text)) if obeyed(character)]
    return told


def obeyed(character: str) -> bool:
    """Whether a terminal could obey or hide a character; the non-joiner is Persian spelling."""
    return character != "\u200c" and (
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character in _FILLERS
    )


_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_HOSTILE_SEQUENCES = {
    sequence
    for payloads in CLASSES.values()
    for payload in payloads
    for sequence in sequences(payload.encode(errors="surrogatepass"))
}


class Tolerant(Screen):
    """A screen that shows all there is; pyte's own fails on half a wide character, and stops at a Thai vowel."""

    def draw(self, data: str) -> None:
        for character in data:
            super().draw(character)

    @property
    def display(self) -> list[str]:
        return ["".join(_shown(self.buffer[y], self.columns)) for y in range(self.lines)]


def _shown(cells: Mapping[int, Any], columns: int) -> Iterator[str]:
    """Yield the characters of a line; the cell behind a wide one holds nothing."""
    behind_wide = False
    for column in range(columns):
        text = cells[column].data
        if not behind_wide:
            yield text or " "
        behind_wide = bool(text) and not behind_wide and wcwidth(text[0]) > 1


class Watched(Terminal):
    """A terminal that can be looked at whatever was drawn."""

    def __init__(
        self, command: list[str], *, columns: int = 80, lines: int = 24, env: Mapping[str, str]
    ) -> None:
        super().__init__(command, columns=columns, lines=lines, env=env)
        self._screen = Tolerant(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
