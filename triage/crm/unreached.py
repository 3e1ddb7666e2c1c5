"""Why nobody was reached: network, proxy, TLS or clock, as an error with the next step. Never retries."""

from __future__ import annotations

from datetime import datetime

from triage.crm.address import Address
from triage.crm.answer import Failed
from triage.crm.causes import Cause, cause_of
from triage.crm.proxy import SIGN_IN, Proxy
from triage.crm.their_clock import ask_time
from triage.errors import BadAnswer, Unreachable
from triage.text import clean

_CHECK = "Check the proxy's variable, or add the CRM's host to NO_PROXY."
_TELLING_SECONDS = 300.0
"""Clocks that are nearer than this do not explain a certificate."""
_SET = "Set this machine's clock, then try again."


def unconnected(place: str, cause: Cause, proxy: Proxy | None, refusal: str = "") -> Failed:
    """Return the failure of a connection that was not made; `refusal`: the proxy's, its status first."""
    if proxy is not None and refusal:
        return _refused_by(proxy, place, refusal)
    if proxy is not None and not cause.of_tls:
        words, hint = f"{place} is not reached: {proxy.place} does not answer ({cause.words}).", _CHECK
    else:
        words, hint = f"{place} does not answer ({cause.words}).", cause.hint
    return Failed(Unreachable(words, hint=hint), reached=False, again=cause.passing)


async def with_clocks(failed: Failed, address: Address, ca_file: str | None, ours: datetime) -> Failed:
    """Add what time it is at either end, for a certificate that seems to be of the future."""
    theirs = await ask_time(address, ca_file)
    said = f"The server says it is {_written(theirs)}, this" if theirs else "This"
    words = f"{failed.error.message} {said} machine's clock says {_written(ours)}."
    wrong = theirs is not None and abs((theirs - ours).total_seconds()) > _TELLING_SECONDS
    return Failed(Unreachable(words, hint=_SET if wrong else failed.error.hint), reached=False)


def _refused_by(proxy: Proxy, place: str, said: str) -> Failed:
    if said.startswith("407"):
        words, hint = f"{place} is not reached: {proxy.place} asks who we are (407).", SIGN_IN
    else:
        words, hint = f"{place} is not reached: {proxy.place} refuses ({clean(said, limit=60)}).", _CHECK
    return Failed(Unreachable(words, hint=hint), reached=False)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def failure_of(error: Exception, place: str, proxy: Proxy | None, *, heard: bool, patience: float) -> Failed:
    """Say what an exception of a request means; `heard`: the head of an answer had arrived.

    `patience` is what a connection was given, in seconds.
    """
    import httpx  # noqa: PLC0415 - loaded when the client was made

    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        silent = Unreachable(f"{place} does not answer (no connection in {patience:.0f} s).")
        return Failed(silent, reached=False, again=True)
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        refusal = str(error) if isinstance(error, httpx.ProxyError) else ""
        return unconnected(place, cause_of(error), proxy, refusal)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Failed(Unreachable(f"{place} did not answer in time."), reached=True)
    if isinstance(error, httpx.TransportError):
        if heard:
            return Failed(
                BadAnswer(f"{place} broke off in the middle of its answer."), reached=True, again=True
            )
        lost = Unreachable(f"{place} broke the connection off without an answer.")
        return Failed(lost, reached=True, again=True)
    odd = BadAnswer(f"{place} cannot be spoken to ({type(error).__name__}).")
    return Failed(odd, reached=not isinstance(error, httpx.InvalidURL))
