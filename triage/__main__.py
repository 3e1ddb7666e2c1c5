"""The `triage` command: runs it, and turns every error into a sentence, a hint and an exit code."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; never returns."""
    os.umask(0o077)
    gc.disable()  # commands are short, and the app collects when no key is pressed
    code = _run(sys.argv[1:])
    gc.freeze()  # else the interpreter, before it ends, goes through all there is to find what is garbage
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run the app, or a command; nothing is loaded, hence created, before the umask is set."""
    if not arguments:
        from triage.cli.app import run as run_app  # noqa: PLC0415 - the app starts without the commands

        return run_app()
    from triage.cli.main import run  # noqa: PLC0415 - the same the other way round

    return run(arguments)


if __name__ == "__main__":
    main()
