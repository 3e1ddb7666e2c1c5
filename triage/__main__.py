"""The `triage` command: runs it, and turns every error into a sentence, a hint and an exit code."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; never returns."""
    os.umask(0o077)
    gc.disable()  # commands are short, and the app collects when no key is pressed
    from triage.cli.main import run  # noqa: PLC0415 - nothing may be created before the umask is set

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
