"""The terminal's input: keys, mouse and pastes come through, what a terminal answers to questions does not.

A terminal's answer looks like typing: without this a title report would press `y`. Knows no screen.
A plain answerback (PuTTY's to ENQ) cannot be told from keys; that is why no ENQ is ever sent.
"""

from __future__ import annotations

import os
import re
import selectors
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.keys import Keys
from textual.message import Message

from screens.terminal.driver import OrderlyDriver
from triage.text import clean

SILENCE = 0.5
"""Seconds after which what has no end has ended: a lone alt+] must not lock the keyboard, nor a slow line cut
an arrow key in two."""
PASTE_SILENCE = 5.0
"""Seconds after which a paste without an end is given up."""
LONGEST_PASTE = 100_000
"""Characters kept of one paste."""
_LOOK_EVERY = 0.1
_CHUNK = 4096
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
_STRING_ENDS = "\x1b\\"
_STRINGS = frozenset({"\x1b]", "\x1bP", "\x1b_", "\x1b^"})
"""OSC, DCS, APC and PM: text up to BEL or ST. SOS is never sent by a terminal, and alt+X is a key."""
_ENDS_STRING = frozenset("\x07\x18\x1a\x9c")
LONGEST_SEQUENCE = 1_000
"""Characters kept of one control sequence: an input method may send a whole sentence as one."""
_TOOLKIT_LOOKS = 32
"""Characters of a sequence after which the toolkit types it out. xterm's answer to DA1 has 37."""
_BEGUN = len("\x1b[")
"""Characters that may also be alt+[."""
_UNFINISHED = re.compile(r"\x1b\[[0-?]*[ -/]*")
_WHOLE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-Z\\-~]|O[@-~])")
"""A control sequence with its last byte; `ESC [ [` is the beginning of the Linux console's F1."""
_READ_LATER = re.compile(r"\x1b\[(?:<?[-\d;]+[mM]|M|\?\d+;\d\$y)")
"""Mouse and mode reports: the toolkit looks at them after it has looked for a key."""


class ReplyParser(XTermParser):
    """The toolkit's parser, which lets what it does not know go, instead of typing it out letter by letter.

    Private in textual 8.2.8: tests with a real terminal hold what is relied on.
    """

    def __init__(self, *, debug: bool = False) -> None:
        super().__init__(debug)
        self._in_string = False
        self._is_begun = False
        """Whether the parameters of a control sequence were read, and its last byte was not."""
        self._long = ""
        """A sequence that the toolkit would give up, as far as it was read."""
        self._pasted: list[str] | None = None
        self._tail = ""
        """The last characters, for the marks around a paste."""
        self._heard_at = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the events in what was read; an empty text is its end."""
        if not data:
            yield from super().feed(data)
            return
        self._heard_at = time.monotonic()
        for character in data:
            self._tail = (self._tail + character)[-len(_PASTE_ENDS) :]
            if self._pasted is not None:
                yield from self._paste(character)
            elif self._in_string and character != "\x1b":
                self._in_string = character not in _ENDS_STRING
            elif self._long and character >= " ":
                yield from self._lengthen(character)
            else:  # ESC ends a string and a sequence too, and begins what follows
                self._in_string, self._long = False, ""
                if character == "\x1b":
                    yield from self._cut_short()
                yield from super().feed(character)
            if self._tail == _PASTE_BEGINS and self._pasted is None:
                self._pasted = []

    def tick(self) -> Iterable[Message]:
        """Yield what is due by time alone: a lone Escape, alt and a key."""
        silent = time.monotonic() - self._heard_at
        if silent > SILENCE:
            self._in_string, self._long = False, ""
        if self._pasted is not None and silent > PASTE_SILENCE:
            yield from self._end_paste("")
        if not self._is_begun:
            yield from super().tick()
        elif silent > SILENCE:
            yield from self._cut_short()

    def _cut_short(self) -> Iterator[Message]:
        """End what waits for more: Escape, or alt and a key. Of a longer sequence nothing is typed out."""
        if self._timeout_time is not None:
            self._timeout_time, was_begun = 0.0, self._is_begun
            keys = list(super().tick())
            yield from () if was_begun else keys
        self._is_begun = False

    def _lengthen(self, character: str) -> Iterator[Message]:
        """Take one character of a sequence that is longer than the toolkit looks."""
        self._long = self._long[:LONGEST_SEQUENCE] + character
        if "@" <= character <= "~":
            sequence, self._long = self._long, ""
            yield from (key for key in self._sequence_to_key_events(sequence) if key.key != Keys.Ignore)

    def _paste(self, character: str) -> Iterator[Message]:
        """Take one character of a paste. The toolkit would type out what follows an ESC in it."""
        assert self._pasted is not None
        if len(self._pasted) < LONGEST_PASTE + len(_PASTE_ENDS):
            self._pasted.append(character)
        if self._tail == _PASTE_ENDS:
            text = "".join(self._pasted).removesuffix(_PASTE_ENDS)
            yield from self._end_paste(text[:LONGEST_PASTE])

    def _end_paste(self, text: str) -> Iterator[Message]:
        self._pasted = None
        for _nothing_pasted in super().feed(_PASTE_ENDS):
            pass
        if text:
            yield events.Paste(clean(text, limit=LONGEST_PASTE, multiline=True))

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:  # noqa: FBT001, FBT002 - the toolkit's signature
        """Return the keys of a sequence; one that is whole and no key is ignored whole."""
        if sequence in _STRINGS or sequence == _STRING_ENDS:
            self._in_string = sequence in _STRINGS
            return [events.Key(Keys.Ignore, sequence)]
        if len(sequence) == _TOOLKIT_LOOKS and _UNFINISHED.fullmatch(sequence):
            self._long = sequence
            return [events.Key(Keys.Ignore, sequence)]
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # a code point that there is not
            keys = []
        self._is_begun = not keys and len(sequence) > _BEGUN and bool(_UNFINISHED.fullmatch(sequence))
        if keys or not _WHOLE.fullmatch(sequence) or _READ_LATER.fullmatch(sequence):
            return keys
        return [events.Key(Keys.Ignore, sequence)]


class ReplyDriver(OrderlyDriver):
    """The toolkit's driver with our parser; bytes that are no UTF-8 do not end the input."""

    def run_input_thread(self) -> None:
        """Read until the app ends, or the terminal is gone: ending the app is not done here."""
        parser = ReplyParser(debug=self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_LOOK_EVERY):
                    raw = self._read()
                    if not raw:
                        return
                    self._pass_on(parser.feed(text) if (text := decode(raw)) else ())
                self._pass_on(parser.tick())

    def _read(self) -> bytes:
        """Return what was typed; nothing once the terminal is gone."""
        try:
            return os.read(self.fileno, _CHUNK)
        except OSError:
            return b""

    def _pass_on(self, found: Iterable[Message]) -> None:
        for message in found:
            self.process_message(message)


def driver_class() -> type[Driver] | None:
    """Return our driver, or None where the toolkit's own choice is another one."""
    return None if sys.platform == "win32" or constants.DRIVER else ReplyDriver
