"""A real headless Chromium, driven over its own pipe: what it logs, what it shows, what it would print."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WITHIN = 60.0
"""Seconds after which the browser is taken for stuck."""
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--remote-debugging-pipe", "--hide-scrollbars", "--disable-dev-shm-usage"),
)


def installed() -> str | None:
    """Return where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Browser:
    """One browser with one page."""

    to: int
    out: int
    session: str = ""
    said: list[str] = field(default_factory=list)
    """What the console was told, by the page or about it: errors, warnings, refusals of the policy."""
    requested: list[str] = field(default_factory=list)
    """What was asked for over the network or from the disk."""
    _rest: bytes = b""
    _next: int = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its answer; events that come meanwhile are kept."""
        self._next += 1
        message: dict[str, Any] = {"id": self._next, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            heard = self._message()
            if heard.get("id") == self._next:
                assert "error" not in heard, heard
                result: dict[str, Any] = heard["result"]
                return result
            self._note(heard)

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded and painted."""
        self.said.clear()
        self.requested.clear()
        self.call("Page.navigate", url=path.as_uri())
        ready = "new Promise(done => document.readyState === 'complete' ? done(1) : addEventListener('load', done))"
        self.call("Runtime.evaluate", expression=ready, awaitPromise=True)
        painted = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
        self.call("Runtime.evaluate", expression=painted, awaitPromise=True)

    def asked(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def media(self, kind: str = "", scheme: str = "light") -> None:
        """Show the page as on a screen or on paper, in the light or in the dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def picture(self) -> bytes:
        """Return a PNG of what a window shows."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def pdf(self) -> bytes:
        """Return what would be printed."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + WITHIN
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self.out], [], [], max(deadline - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            chunk = os.read(self.out, 1 << 20)
            assert chunk, "the browser has gone"
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Log.entryAdded":
                self.said.append(str(params["entry"]["text"]))
            case "Runtime.consoleAPICalled":
                self.said.append(" ".join(str(one.get("value")) for one in params["args"]))
            case "Runtime.exceptionThrown":
                self.said.append(str(params["exceptionDetails"]["text"]))
            case "Network.requestWillBeSent":
                self.requested.append(str(params["request"]["url"]))


@contextmanager
def browser(profile: Path, *, width: int = 1100, height: int = 900) -> Iterator[Browser]:
    """Run a browser with an empty profile for the length of the block."""
    program = installed()
    assert program is not None
    (read_by_it, to), (out, written_by_it) = os.pipe(), os.pipe()

    def as_three_and_four() -> None:
        ours = (os.dup(read_by_it), os.dup(written_by_it))
        for theirs, one in zip((3, 4), ours, strict=True):
            os.dup2(one, theirs)

    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=as_three_and_four,
    )
    os.close(read_by_it)
    os.close(written_by_it)
    try:
        driven = Browser(to, out)
        target = driven.call("Target.createTarget", url="about:blank")["targetId"]
        driven.session = driven.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            driven.call(f"{domain}.enable")
        yield driven
    finally:
        for end in (to, out):
            with contextlib.suppress(OSError):
                os.close(end)
        process.terminate()
        try:
            process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
