"""A Salesforce CLI for tests: a script on the PATH that says what a test wants, and notes what it was asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCRIPT = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
env > "$here/environ"
case "$*" in
  *show-access-token*) answer=token ;;
  *"org display"*) answer=display ;;
  *) answer=none ;;
esac
[ -f "$here/$answer.wait" ] && exec sleep 60
[ -f "$here/$answer" ] && cat "$here/$answer"
exit "$(cat "$here/$answer.code" 2>/dev/null || echo 0)"
"""


class FakeCli:
    """`sf` in a folder of its own; put `folder` at the front of the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        script = folder / "sf"
        script.write_text(SCRIPT)
        script.chmod(0o700)

    def says(self, answer: str, said: Any, code: int = 0) -> None:
        """Answer `token` or `display` with a JSON document, or with a text that is none."""
        text = said if isinstance(said, str) else json.dumps(said)
        (self.folder / answer).write_text(text)
        (self.folder / f"{answer}.code").write_text(str(code))

    def signed_in(self, url: str, username: str, token: str) -> None:
        """Be a CLI of today with a sign-in: the description does not show the token."""
        shown = "[REDACTED] Use 'sf org auth show-access-token' to view"
        org = {"instanceUrl": url, "username": username, "id": "00D", "accessToken": shown}
        self.says("display", {"status": 0, "result": org, "warnings": []})
        self.says("token", {"status": 0, "result": {"accessToken": token}, "warnings": ["careful"]})

    def hangs(self, answer: str) -> None:
        (self.folder / f"{answer}.wait").touch()

    @property
    def asked(self) -> list[str]:
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def environ(self) -> str:
        return (self.folder / "environ").read_text()
