"""How each peer is started on its rows, brought to its list, and told to move down."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers import files
from bench.peers.places import program_of
from bench.screen import ROOT, Screen, Seen, brief_of

DOWN, UP = "\x1b[B", "\x1b[A"
_F5, _RUN_QUERY = "\x1b[15~", "\n"
_PASTED = "\x1b[200~{}\x1b[201~"
_MUTT = """
set folder="{0}"
set spoolfile="{0}/mail"
set header_cache="{0}/headers"
set sort=date
set quit=yes
set confirmcreate=no
set pager_index_lines=20
"""

Shows = Callable[[Screen, int], Seen]
"""What tells that a screen's cursor is on the lead of this number, and all that follows it too."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program at the same work."""

    name: str
    command: list[str] | None
    """None: it is not installed."""
    shows: Shows
    at_least: float | None = None
    """So many times as long as ours it has to take."""
    at_most: float | None = None
    """Ours may take so many times as long as it."""
    opening: tuple[str, ...] = ()
    """Keys that lead to the list, each once the screen is quiet."""
    down: str = DOWN
    up: str = UP
    variables: tuple[tuple[str, str], ...] = ()

    def environment(self, home: Path) -> dict[str, str]:
        """Return what it is started with: away from the user's own settings."""
        places = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": home}
        return {**os.environ, **{name: str(place) for name, place in places.items()}, **dict(self.variables)}


def highlighted(screen: Screen, number: int) -> Seen:
    """Tell a screen on which the row of a lead, and no other, is drawn in another way than the rest."""
    name = f"LEAD {number:05d}"

    def seen(text: str) -> bool:
        looks = screen.looks("LEAD ")
        usual, _ = Counter(looks.values()).most_common(1)[0] if looks else ((), 0)
        odd = [row for row, look in looks.items() if look != usual]
        return len(odd) == 1 and name in text.split("\n")[odd[0]]

    return seen


def followed(_screen: Screen, number: int) -> Seen:
    """Tell a screen that names a lead twice: in the list, and in what follows its cursor."""
    return brief_of(number)


def peers(folder: Path, count: int, few: int) -> list[Peer]:
    """Return the peers, with their rows in a folder; `few` rows for one that reads a file for each."""
    return [
        _visidata(folder, count),
        _harlequin(folder, count),
        _posting(folder, few),
        _datatable(folder, count),
        *_neomutt(folder, count),
    ]


def _visidata(folder: Path, count: int) -> Peer:
    command = _started("visidata", str(files.table(folder / "visidata.csv", count)))
    return Peer("visidata", command, highlighted, at_least=2.0, down="j", up="k")


def _harlequin(folder: Path, count: int) -> Peer:
    database = files.database(folder / "leads.sqlite", count)
    command = _started("harlequin", "--adapter", "sqlite", str(database))
    opening = (_PASTED.format("select * from leads"), _RUN_QUERY, _F5)
    return Peer("harlequin", command, highlighted, at_least=1.5, opening=opening)


def _posting(folder: Path, count: int) -> Peer:
    command = _started("posting", "--collection", str(files.requests(folder / "requests", count)))
    focus = (("POSTING_FOCUS__ON_STARTUP", "collection"),)
    return Peer("posting", command, followed, at_least=5.0, variables=focus)


def _datatable(folder: Path, count: int) -> Peer:
    program = ROOT / "bench" / "peers" / "datatable.py"
    command = [sys.executable, str(program), str(files.table(folder / "stock.csv", count))]
    return Peer("a stock DataTable app", command, followed, at_least=6.0)


def _neomutt(folder: Path, count: int) -> tuple[Peer, Peer]:
    program, settings = shutil.which("neomutt"), folder / "muttrc"
    command = [program, "-n", "-R", "-F", str(settings)] if program else None
    if program:
        files.mail(folder / "mail", count)
        settings.write_text(_MUTT.format(folder), encoding="utf-8")
    index = Peer("neomutt's index", command, highlighted, at_most=4.0, opening=("=",), down="j", up="k")
    pager = Peer("neomutt's index and pager", command, followed, opening=("=", "\r"), down="J", up="K")
    return index, pager


def _started(name: str, *arguments: str) -> list[str] | None:
    program = program_of(name)
    return [str(program), *arguments] if program else None
