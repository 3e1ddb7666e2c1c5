"""Rules that a team keeps in a file at an address, for a CRM that holds none."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from config import load
from config.settings import Profile
from tests.cli.shell import Shell, crm_on
from tests.crm.wires import raw_server
from triage.crm.agreed_file import LARGEST, AgreedElsewhere, read_text
from triage.domain.definition import Definition
from triage.errors import TriageError, Unreachable, UsageError
from triage.reaching import adapter

TEXT = (load.SHIPPED / "definition.toml").read_text()


def answering(body: bytes, status: str = "200 OK", **headers: str):
    head = {"Content-Type": "text/plain", "Content-Length": str(len(body)), "Connection": "close"} | headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)
        await writer.drain()

    return answer


async def test_the_text_is_read_without_any_token():
    async with raw_server(answering("Zürich".encode())) as wire:
        assert await read_text(f"{wire.url}/definition.toml") == "Zürich"
    assert b"authorization" not in wire.requests[0].lower()
    assert wire.requests[0].startswith(b"GET /definition.toml ")


async def test_a_mark_that_some_editors_put_in_front_is_no_part_of_the_text():
    async with raw_server(answering(b"\xef\xbb\xbf" + TEXT.encode())) as wire:
        assert await read_text(wire.url) == TEXT


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (answering(b"gone", "404 Not Found"), "status 404"),
        (answering(b"", "302 Found", Location="http://127.0.0.1:1/"), "status 302"),
        (answering(b"x" * (LARGEST + 1)), "more than 1,000,000 bytes"),
        (answering(b"\xff\xfe"), "not UTF-8"),
        (answering(b"short", **{"Content-Length": "500"}), "could not be read"),
    ],
)
async def test_what_is_no_use_is_said(behaviour, says: str):
    async with raw_server(behaviour) as wire:
        with pytest.raises(TriageError, match=re.escape(says)):
            await read_text(wire.url)


async def test_a_silent_address_is_given_up():
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(silent) as wire:
        with pytest.raises(Unreachable, match="did not come"):
            await read_text(wire.url, seconds=0.2)


async def test_only_https_is_read_from_another_machine():
    with pytest.raises(UsageError, match="https"):
        await read_text("http://rules.example/definition.toml")


class Bare:
    """An adapter of a CRM that holds no rules, or these."""

    definition_here: Definition | None = None

    async def definition(self) -> Definition | None:
        return self.definition_here

    async def reasons(self) -> None:
        return None

    async def proposals(self) -> str:
        return "the adapter's own"


async def test_a_profile_that_names_an_address_reads_its_rules_there():
    async with raw_server(answering(TEXT.replace('version = "4"', 'version = "9"').encode())) as wire:
        crm = adapter(Profile(url="http://127.0.0.1:1", definition=f"{wire.url}/d.toml"), "t0ken")
        assert isinstance(crm, AgreedElsewhere)
        crm._crm = Bare()  # what its CRM would answer
        agreed = await crm.definition()
        assert agreed is not None
        assert (agreed.version, agreed.criteria) == ("9", load.definition().criteria)
        assert await crm.reasons() is None
        assert await crm.proposals() == "the adapter's own"
        crm._crm.definition_here = Definition("the CRM's")
        assert (await crm.definition()).version == "the CRM's"


async def test_rules_that_cannot_be_read_are_none_and_said():
    async with raw_server(answering(b"version = ")) as wire:
        crm = adapter(Profile(url="http://127.0.0.1:1", definition=wire.url), "t0ken")
        crm._crm = Bare()
        assert await crm.definition() is None
    assert "the agreed definition line 1" in crm.troubles[0]


def test_an_address_in_the_profile_is_no_file(tmp_path: Path):
    shell = Shell(tmp_path / "home")
    with crm_on(0, tmp_path / "crm", "--leads", "3") as facts:
        shell.token = facts["rep_token"]
        shell.ok("login", "work", "--url", facts["url"])
        (path,) = shell.home.rglob("config.toml")
        path.write_text(path.read_text() + '\ndefinition = "https://rules.example/definition.toml"\n')
        assert "MQL definition v" in shell.ok("definition", "show").out
