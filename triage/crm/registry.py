"""Which CRMs triage can talk to: its own adapters, and those of the entry-point group `triage.crm`.

An adapter is a class or function `(url, token, **options) -> Crm`, imported when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import TYPE_CHECKING, Any

from triage.errors import ConfigError, UsageError
from triage.text import clean

if TYPE_CHECKING:  # `triage --version` names the adapters, and needs nothing of them
    from triage.crm.bearer import Renew, Tokens
    from triage.crm.port import Crm

GROUP = "triage.crm"
_SHIPPED = {"rest": "triage.crm.rest:RestCrm"}
"""Found without an installation too; another package cannot take one of these names."""


def adapters() -> tuple[str, ...]:
    """Return the names of all adapters, sorted."""
    return tuple(sorted({*_SHIPPED, *_installed()}))


def make(kind: str, url: str, token: str, *, renew: Renew | None = None, **options: Any) -> Crm:
    """Return the adapter of this name on a CRM. UsageError names the adapters there are.

    ConfigError when the adapter's package does not load, or does not know an option. `renew` is for adapters
    that take it.
    """
    factory = _factory(kind)
    takes = signature(factory)
    if renew is not None and "renew" in takes.parameters:
        options["renew"] = renew
    try:
        takes.bind(url, token, **options)
    except TypeError as error:
        raise ConfigError(
            f"The adapter “{kind}” cannot be made ({error}).",
            hint="Take out of the profile what it does not know, or ask its author.",
        ) from None
    crm: Crm = factory(url, token, **options)
    return crm


def exchange_of(kind: str) -> Callable[..., Tokens] | None:
    """Return the adapter's own `exchange(url, refresh_token, **options)`, or None: its tokens do not rotate.

    What it must hold to is said at `triage.crm.bearer.Exchange`.
    """
    exchange: Callable[..., Tokens] | None = getattr(_factory(kind), "exchange", None)
    return exchange


def _factory(kind: str) -> Callable[..., Any]:
    if kind in _SHIPPED:
        module, _, name = _SHIPPED[kind].partition(":")
        return _called(getattr(import_module(module), name))
    found = _installed().get(kind)
    if found is None:
        raise UsageError(f"There is no adapter “{clean(kind)}”.", hint=_known(kind))
    try:
        return _called(found.load())
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"The adapter “{kind}” does not load ({type(error).__name__}: {error}).",
            hint="Install its package again, into the same environment as triage.",
        ) from error


def _called(factory: Any) -> Callable[..., Any]:
    if not callable(factory):
        raise ConfigError(f"The adapter {factory!r} cannot be called.", hint="It is a class or a function.")
    made: Callable[..., Any] = factory
    return made


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _known(kind: str) -> str:
    names = adapters()
    near = difflib.get_close_matches(kind, names, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}There are: {', '.join(names)}."
