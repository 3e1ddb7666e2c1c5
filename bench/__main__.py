"""Print the table; exit code 1 when a demand is broken."""

from __future__ import annotations

import sys

from bench import commands, keys, store
from bench.ratios import print_table

SECTIONS = {"store": store.ratios, "commands": commands.ratios, "keys": keys.ratios}


def main() -> int:
    """Run the sections named, or all."""
    names = sys.argv[1:] or list(SECTIONS)
    broken = print_table(ratio for name in names for ratio in SECTIONS[name]())
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
