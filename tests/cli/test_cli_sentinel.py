"""One token through every way to fail: it stands in no output, no file, and no other program's surroundings."""

from __future__ import annotations

import base64
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
import stamina

from tests.cli.echoing_crm import MODES, EchoingCrm, echoing_crm
from tests.cli.inside import Inside
from tests.cli.shell import Ran, free_port
from tests.cli.telling_keyring import TOKEN
from tests.embedded_server import running_server
from tests.terminal import Terminal
from triage.cli import main
from triage.cli.demo_crm import DemoCrm
from triage.crm.rest import RestCrm

SENTINEL = TOKEN
TRIAGE = [sys.executable, "-m", "triage"]
_SHORTEST = 12
"""Characters of a spelling that are enough to know it by."""
_PIECES = [
    SENTINEL,
    SENTINEL.replace("/", "\\/"),
    SENTINEL.replace("/", "%2F").replace("+", "%2B"),
    "5d41402abc4b",
    *(base64.b64encode(b"0" * n + SENTINEL.encode()).decode()[4:-4] for n in range(3)),
]
ANYWHERE = re.compile("|".join(map(re.escape, _PIECES)).encode(), re.IGNORECASE)
"""The token, its middle, and what stands of it in Base64."""


@dataclass
class Watched(Inside):
    """A shell whose every word and file is looked through for the token."""

    def is_clean(self) -> None:
        assert not ANYWHERE.search("".join(self.printed).encode())
        assert [path for path in self.home.rglob("*") if path.is_file() and holds(path)] == []


def holds(path: Path) -> bool:
    return ANYWHERE.search(path.read_bytes()) is not None


@pytest.fixture(autouse=True)
def no_pause_between_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = stamina.retry_context
    quick = {"wait_initial": 0.0, "wait_max": 0.0, "wait_jitter": 0.0}
    monkeypatch.setattr(stamina, "retry_context", lambda **settings: patient(**settings | quick))


@pytest.fixture(scope="module")
def crm() -> Iterator[EchoingCrm]:
    with (
        running_server(leads=12) as server,
        echoing_crm(SENTINEL, server.url, server.rep_token) as echoing,
    ):
        yield echoing


@pytest.fixture(scope="module")
def signed_in(crm: EchoingCrm, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A home that is signed in with the sentinel, with its leads and one decision to send."""
    shell = Watched(tmp_path_factory.mktemp("home"), token=SENTINEL)
    shell.ok("login", "work", "--url", crm.url)
    shell.ok("pull")
    shell.ok("decide", "accept", shell.ok("list", "--json").json[0]["lead_id"])
    return shell


@pytest.fixture
def shell(signed_in: Watched, crm: EchoingCrm, tmp_path: Path) -> Iterator[Watched]:
    shutil.copytree(signed_in.home, tmp_path / "home")
    copied = replace(signed_in, home=tmp_path / "home", printed=[])
    yield copied
    crm.mode = ""
    copied.is_clean()


def test_the_sentinel_is_found_where_it_stands(tmp_path: Path) -> None:
    """Nothing below would mean anything otherwise."""
    for number, piece in enumerate(_PIECES):
        assert len(piece) >= _SHORTEST
        (tmp_path / f"{number}").write_text(f"x{piece}y")
    shell = Watched(tmp_path)
    assert all(holds(path) for path in tmp_path.iterdir())
    with pytest.raises(AssertionError):
        shell.is_clean()


# What a CRM may say

ASKING = [
    ("whoami",),
    ("whoami", "--json"),
    ("sync",),
    ("sync", "--json"),
    ("pull",),
    ("doctor",),
    ("review", "--json"),
    ("reply", "d-1", "upheld", "--text", "yes"),
    ("login", "again", "--url", "URL"),
    ("queue", "--json"),
]


@pytest.mark.parametrize("mode", MODES)
def test_a_crm_that_quotes_the_token_is_not_quoted(shell: Watched, crm: EchoingCrm, mode: str) -> None:
    crm.mode = mode
    codes = [asked(shell, crm, *command).code for command in ASKING]
    assert codes[:3] != [0, 0, 0]
    crm.mode = ""
    shell.run("sync")
    shell.ok("queue", "--json")


def asked(shell: Watched, crm: EchoingCrm, *command: str) -> Ran:
    return shell.run(*(crm.url if word == "URL" else word for word in command))


def test_leads_that_hold_the_token_are_kept_without_it(shell: Watched, crm: EchoingCrm) -> None:
    crm.names_leads_after_it = True
    shutil.rmtree(shell.home / "cache")
    shell.ok("pull")
    crm.names_leads_after_it = False
    assert "*** " in shell.ok("list", "--json").out


# The way there, the settings, the sources


def test_no_way_to_a_crm_shows_the_token(
    shell: Watched, crm: EchoingCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = shell.home / "config" / "config.toml"
    nowhere = f"127.0.0.1:{free_port()}"
    ways = {
        f"http://{nowhere}": {},
        crm.url.replace("http:", "https:"): {},
        "https://crm.example": {"HTTPS_PROXY": f"http://rep:{SENTINEL}@{nowhere}"},
        "https://other.example": {"ALL_PROXY": f"socks5://rep:{SENTINEL}@{nowhere}"},
    }
    before = settings.read_text()
    for url, environ in ways.items():
        settings.write_text(before.replace(crm.url, url))
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            for command in ("whoami", "sync", "doctor"):
                assert shell.run(command).code != 0


def test_settings_with_a_token_in_them_are_refused_without_it(shell: Watched) -> None:
    settings = shell.home / "config" / "config.toml"
    before = settings.read_text()
    for line in (
        f'token = "{SENTINEL}"',
        f'[profiles.work]\ntoken = "{SENTINEL}"',
        f'url = "https://rep:{SENTINEL}@crm.example"',
        f"{SENTINEL}",
        f'[ui]\ntheme = "{SENTINEL}" x',
    ):
        settings.write_text(line + "\n")
        for command in (("list",), ("doctor",), ("config", "check"), ("profiles",)):
            shell.run(*command)
    settings.write_text(before)


@pytest.mark.parametrize(
    "url", [SENTINEL, f"https://rep:{SENTINEL}@crm.example", f"https://crm.example/?token={SENTINEL}"]
)
def test_a_token_in_the_place_of_an_address_is_not_shown(shell: Watched, url: str) -> None:
    assert shell.run("login", "other", "--url", url).code == 2


SOURCES = {
    "a command that fails": {
        "TRIAGE_TOKEN_COMMAND": f"sh -c 'echo {SENTINEL}; echo no {SENTINEL} >&2; exit 3'"
    },
    "a command that prints two words": {"TRIAGE_TOKEN_COMMAND": f"echo {SENTINEL} {SENTINEL}"},
    "a command that is the token": {"TRIAGE_TOKEN_COMMAND": SENTINEL},
    "half a quotation": {"TRIAGE_TOKEN_COMMAND": f"echo '{SENTINEL}"},
    "a variable with a blank": {"TRIAGE_TOKEN": f"{SENTINEL} {SENTINEL}"},
    "a profile's variable with a line end": {"TRIAGE_TOKEN_WORK": f"{SENTINEL}\n{SENTINEL}"},
    "a keyring that says it": {"PYTHON_KEYRING_BACKEND": "tests.cli.telling_keyring.Telling"},
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_of_a_token_shows_it(
    shell: Watched, crm: EchoingCrm, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", None)  # what an earlier test made it choose
    sourced = Sourced(shell.home, printed=shell.printed, sources=SOURCES[source])
    for command in (("whoami",), ("sync",), ("doctor",), ("login", "again", "--url", crm.url)):
        assert sourced.run(*command).code != 0
    sourced.run("login", "again", "--url", crm.url, "--token-stdin", stdin=f"{SENTINEL}\n")
    if "PYTHON_KEYRING_BACKEND" in SOURCES[source]:
        assert "RuntimeError" in shell.printed[-1]


@dataclass
class Sourced(Watched):
    """A shell with another source of its token."""

    sources: dict[str, str] | None = None

    @property
    def environ(self) -> dict[str, str]:
        return super().environ | (self.sources or {})


def test_a_token_from_standard_input_goes_nowhere_else(shell: Watched, crm: EchoingCrm) -> None:
    shell.ok("login", "entered", "--url", crm.url, "--token-stdin", stdin=f"{SENTINEL}\n")
    for wrong in (f"{SENTINEL}x\n", f"{SENTINEL} and more\n", f"{SENTINEL}\x1b\n"):
        assert shell.run("login", "x", "--url", crm.url, "--token-stdin", stdin=wrong).code in (2, 4)
    shell.ok("logout", "entered")


# What tells about itself


def test_what_tells_about_itself_does_not_tell_the_token(shell: Watched) -> None:
    for command in (
        ("doctor", "--json"),
        ("paths", "--json"),
        ("profiles", "--json"),
        ("config", "show"),
        ("list", "--json"),
        ("queue", "list", "--all", "--json"),
        ("keys", "--json"),
        ("--version",),
        ("login", "--help"),
    ):
        shell.run(*command)


def test_a_crash_in_a_command_leaves_a_report_without_the_token(
    shell: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RestCrm, "whoami", crashing)
    for command in ("whoami", "sync"):
        assert shell.run(command).code == 1


async def crashing(self: RestCrm) -> None:
    """Fail with the token at hand, in the words and in a variable."""
    secret = self._api._token.current.secret
    raise RuntimeError(f"Authorization: Bearer {secret}")


CRASHING = """
import sys
from screens.app import TriageApp
from tests.cli.test_cli_sentinel import crashing
from triage.crm.rest import RestCrm
async def fall_over(self):
    import os
    secret = os.environ["TRIAGE_TOKEN"]
    raise RuntimeError("Bearer " + secret)
RestCrm.whoami = crashing
TriageApp.show_queue = fall_over
sys.argv = ["triage"]
from triage.__main__ import main
main()
"""


@pytest.mark.pty
def test_the_app_shows_the_token_neither_in_a_toast_nor_when_it_falls_over(shell: Watched) -> None:
    with Terminal([sys.executable, "-c", CRASHING], env=shell.environ) as screen:
        screen.wait_for("Inbox")
        screen.press("S")
        screen.wait_for("sync stopped|RuntimeError")
        screen.press("Q")
        assert screen.wait_for_exit() != 0
        assert not ANYWHERE.search(bytes(screen.raw))


@pytest.mark.pty
def test_the_app_does_not_quote_a_crm_that_quotes_the_token(shell: Watched, crm: EchoingCrm) -> None:
    crm.mode = "401"
    with Terminal(TRIAGE, env=shell.environ) as screen:
        screen.wait_for("Inbox")
        screen.press("S")
        screen.wait_for("does not take the token")
        screen.press("q")
        screen.press("q")
        screen.wait_for_exit()
        assert not ANYWHERE.search(bytes(screen.raw))


# Other programs


def test_no_option_takes_a_token() -> None:
    """An argument stands in the list of processes and in the shell's history."""
    root = main.root
    context = click.Context(root)
    commands = [root.get_command(context, name) for name in main.COMMANDS]
    options = [
        one for command in commands if command for one in command.params if "token" in (one.name or "")
    ]
    assert [(one.name, one.is_flag) for one in options if isinstance(one, click.Option)] == [
        ("token_stdin", True)
    ]


def test_the_demos_crm_is_not_given_the_token(shell: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_TOKEN", SENTINEL)
    monkeypatch.setenv("TRIAGE_TOKEN_WORK", SENTINEL)
    demo = DemoCrm(shell.home / "demo", leads=1, seed=7, faults="")
    demo.start()
    try:
        (child,) = [path for path in Path("/proc").glob("[0-9]*/environ") if is_demo(path, shell.home)]
        assert not holds(child)
        assert not holds(child.with_name("cmdline"))
    finally:
        demo.stop()


def is_demo(environ: Path, home: Path) -> bool:
    try:
        return str(home / "demo").encode() in environ.with_name("cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.pty
def test_the_editor_is_not_given_the_token(shell: Watched, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\nenv > {seen}\n")
    editor.chmod(0o700)
    environ = shell.environ | {"EDITOR": str(editor), "VISUAL": "", "TRIAGE_TOKEN_WORK": SENTINEL}
    with Terminal([*TRIAGE, "config", "edit"], env=environ) as screen:
        assert screen.wait_for_exit() == 0
    assert "TRIAGE_HOME" in seen.read_text()
    assert not holds(seen)
