"""A terminal made usable again: the bytes that switch off what an app switched on, and a shell's settings.

Owns that list. Must never wait for the terminal: it is used where nothing else has worked.
"""

from __future__ import annotations

import contextlib
import os
import termios
import threading
from typing import Any, Final

LEFT: Final = (
    b"\x1b[<u"  # the keyboard protocol, which is kept per screen: before the screen is left
    b"\x1b[?1049l"  # the alternate screen
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l"  # the mouse
    b"\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # how it is told
    b"\x1b[?2004l\x1b[?1004l\x1b[?2048l"  # pastes, focus, sizes told as keys
    b"\x1b[?2026l"  # a frame that was begun and not ended
    b"\x1b[?7h\x1b[?25h\x1b[0m"  # lines wrap, the cursor is seen, plain colours
)
"""What leaves an app's screen; harmless where nothing of it was on."""
_WITHIN = 0.5
"""Seconds a terminal has to take these bytes."""
Attributes = list[Any]
"""What `termios.tcgetattr` gives: input, output, control and local flags, two speeds, characters."""


def attributes_of(handle: int) -> Attributes | None:
    """Return a terminal's settings; None where there is none."""
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(handle)
    return None


def sane(attributes: Attributes) -> Attributes:
    """Return settings with which a shell can be typed at, as `stty sane` makes them of any others."""
    reading, writing, control, local, *rest = attributes
    reading &= ~(termios.IGNBRK | termios.INLCR | termios.IGNCR | termios.IXOFF)
    reading |= termios.BRKINT | termios.ICRNL | termios.IXON
    writing |= termios.OPOST | termios.ONLCR
    local &= ~(termios.NOFLSH | termios.TOSTOP | termios.ECHONL)
    local |= termios.ISIG | termios.ICANON | termios.IEXTEN
    local |= termios.ECHO | termios.ECHOE | termios.ECHOK
    return [reading, writing, control, local, *rest]


def restore(handle: int, attributes: Attributes | None) -> None:
    """Leave the app's screen and put the settings back; returns soon, even if the terminal takes nothing."""
    if attributes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(handle, termios.TCSANOW, attributes)
    writer = threading.Thread(target=_write, args=(handle,), name="restore", daemon=True)
    writer.start()
    writer.join(_WITHIN)


def _write(handle: int) -> None:
    with contextlib.suppress(OSError):
        os.write(handle, LEFT)
