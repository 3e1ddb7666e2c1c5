"""The embedded CRM as the demo's own process, and what the demo can stage on it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import triage
from config.credentials import without_tokens
from triage.clock import new_id
from triage.crm.http import Http
from triage.crm.port import Crm
from triage.crm.registry import make
from triage.domain.act import Act
from triage.domain.lead import LeadId
from triage.domain.review import Reply, ReplyKind, ReviewedDecision, ReviewedFeedback
from triage.errors import TriageError

STOPS_WITHIN = 5.0
"""Seconds after which a CRM that does not end by itself is ended."""
ANSWERS_AT_ONCE = 3


class DemoCrm:
    """A child process that ends when this one does: it holds the other end of a pipe."""

    def __init__(self, state: Path, *, leads: int, seed: int, faults: str) -> None:
        self._options = [
            "--state",
            str(state),
            "--leads",
            str(leads),
            "--seed",
            str(seed),
            "--faults",
            faults,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None
        self._facts: dict[str, Any] = {}
        self.note = ""

    @property
    def url(self) -> str:
        """Where it listens, or listened last."""
        return str(self._facts["url"])

    @property
    def rep_token(self) -> str:
        """The token of the rep whose leads these are."""
        return str(self._facts["rep_token"])

    @property
    def plugged(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, on the port it had before if it had one; returns when it listens."""
        ours, theirs = os.pipe()
        port = urlsplit(self.url).port if self._facts else 0
        command = [sys.executable, "-m", "triage", "crm", "serve", "--port", str(port), *self._options]
        # The write end stays here; when this process ends, however it does, the child reads the end of file.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--parent-pipe", str(ours)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[ours],
            env={**without_tokens(os.environ), "PYTHONPATH": str(Path(triage.__file__).parents[1])},
            start_new_session=True,
        )
        os.close(ours)
        self._pipe = theirs
        self._listen(self._process)

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._process = None

    async def pull_the_plug(self) -> None:
        """End it, as if the network were gone."""
        await asyncio.to_thread(self.stop)

    async def plug_in(self) -> None:
        """Start it again where it was."""
        await asyncio.to_thread(self.start)

    async def another_rep_takes(self, lead_id: LeadId) -> str:
        """Give a lead to a colleague at the CRM; returns the colleague's name."""
        crm = self._marketing()
        try:
            mine = await self._rep_id()
            others = (one for one in await crm.people() if one.kind == "user" and one.user_id != mine)
            colleague = next(others)
        finally:
            await crm.aclose()
        await self._change(lead_id, "assign", {"owner_id": colleague.user_id})
        return colleague.name

    async def someone_removes(self, lead_id: LeadId, into: LeadId | None = None) -> None:
        """Delete a lead, or merge it into another."""
        await self._change(lead_id, "remove", {"merged_into": into})

    async def _change(self, lead_id: LeadId, what: str, body: dict[str, str | None]) -> None:
        http = Http(self.url, self._marketing_token)
        try:
            await http.send(f"/v1/leads/{lead_id}/{what}", body)
        finally:
            await http.aclose()

    async def marketing_answers(self) -> str:
        """Answer what waits of this rep, the latest, as marketing would; returns what was done in words."""
        crm, mine = self._marketing(), await self._rep_id()
        try:
            waiting: list[ReviewedDecision | ReviewedFeedback] = [
                item async for item in crm.feedback() if not item.replies and item.type != "retraction"
            ]
            waiting += [item async for item in crm.decisions() if not item.replies and item.act == Act.REJECT]
            waiting = sorted((item for item in waiting if item.rep.user_id == mine), key=_said_at)
            for item in waiting[-ANSWERS_AT_ONCE:]:
                await crm.reply(_answer(item))
        finally:
            await crm.aclose()
        count = min(len(waiting), ANSWERS_AT_ONCE)
        return (
            f"Marketing answered {count}: the next sync brings it."
            if count
            else "Nothing waits for an answer."
        )

    async def _rep_id(self) -> str:
        rep: Crm = make("rest", self.url, self.rep_token)
        try:
            return (await rep.whoami()).user_id
        finally:
            await rep.aclose()

    @property
    def _marketing_token(self) -> str:
        return str(self._facts["marketing_token"])

    def _marketing(self) -> Crm:
        return make("rest", self.url, self._marketing_token)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Read the line it prints when it listens."""
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        if not line:
            words = process.stderr.read().decode(errors="replace").strip()
            self.stop()
            raise TriageError(f"The demo's CRM did not start: {words or 'it ended at once'}")
        self._facts = json.loads(line)


def _said_at(item: ReviewedDecision | ReviewedFeedback) -> datetime:
    at = item.decided_at if isinstance(item, ReviewedDecision) else item.created_at
    return at or datetime.min.replace(tzinfo=UTC)


def _answer(item: ReviewedDecision | ReviewedFeedback) -> Reply:
    if isinstance(item, ReviewedDecision):
        return Reply(
            new_id(), item.decision_id, ReplyKind.UPHELD, text="Agreed: the rule is being looked at."
        )
    return Reply(new_id(), item.feedback_id, ReplyKind.PLANNED, text="Thank you, this is planned.")
