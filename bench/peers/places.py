"""Which peers there are, in which versions, and where they are installed."""

from __future__ import annotations

from pathlib import Path

from bench.screen import ROOT

PEERS = ROOT / "bench" / ".peers"
PINS = {
    "visidata": ("visidata==3.4",),
    "harlequin": ("harlequin==2.17.0",),
    "posting": ("posting==2.11.1", "tree-sitter==0.25.2"),  # ends with a signal under a later tree-sitter
}
"""What is installed for each, by pip's names."""


def python_of(name: str) -> Path:
    """Return the interpreter of a peer's environment."""
    return PEERS / name / "bin" / "python"


def program_of(name: str) -> Path | None:
    """Return a peer's program, or None where it is not installed."""
    program = PEERS / name / "bin" / name
    return program if program.exists() else None
