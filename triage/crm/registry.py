"""Which CRMs triage can talk to: its own adapters, and those of the entry-point group `triage.crm`.

An adapter is a class or function `(url, token, **options) -> Crm`, imported when it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.crm.loading import loaded, package_of
from triage.errors import ConfigError, UsageError
from triage.text import clean

if TYPE_CHECKING:  # `triage --version` names the adapters, and needs nothing of them
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint
    from inspect import Signature

    from triage.crm.bearer import Renew, Tokens
    from triage.crm.port import Crm
    from triage.crm.signing import Question, Way

GROUP = "triage.crm"
_SHIPPED = {
    "rest": "triage.crm.rest:RestCrm",
    "hubspot": "triage.crm.hubspot:HubSpotCrm",
    "salesforce": "triage.crm.salesforce:SalesforceCrm",
    "odoo": "triage.crm.odoo:OdooCrm",
    "bottlecrm": "triage.crm.bottlecrm:BottleCrm",
}
"""Found without an installation too; another package cannot take one of these names."""
_OURS = ("lead-triage", "lead_triage")


def adapters() -> tuple[str, ...]:
    """Return the names of all adapters, sorted."""
    return tuple(sorted({*_SHIPPED, *_installed()}))


def make(kind: str, url: str, token: str, renew: Renew | None = None, /, **options: Any) -> Crm:
    """Return the adapter of this name on a CRM. UsageError names the adapters there are.

    ConfigError when the adapter's package does not load, or does not know an option. `renew` is for adapters
    that take it.
    """
    from triage.crm.signing import WAY  # noqa: PLC0415 - `triage --version` makes nothing

    factory = _factory(kind)
    takes = _takes(kind, factory)
    asked = {WAY, *(one.option for questions in questions_of(kind).values() for one in questions)}
    options = {name: options[name] for name in options if name in takes.parameters or name not in asked}
    _refuse_unknown(kind, takes, options)
    try:
        _refuse_texts_for_others(takes, options)
        if renew is not None and "renew" in takes.parameters:
            options["renew"] = renew
        takes.bind(url, token, **options)
    except TypeError as error:
        raise ConfigError(
            f"The adapter “{kind}” cannot be made ({error}).",
            hint="Take out of the profile what it does not know, give it what it needs, or ask its author.",
        ) from None
    point = _point(kind)
    if point is None:
        crm: Crm = factory(url, token, **options)
        return crm
    from triage.crm.checked import made  # noqa: PLC0415 - shipped adapters are not looked after

    return made(kind, partial(factory, url, token, **options), package_of(point))


def _refuse_unknown(kind: str, takes: Signature, options: Mapping[str, Any]) -> None:
    """Raise ConfigError for what a profile says and the adapter does not ask about."""
    names = takes.parameters
    if any(spec.kind is spec.VAR_KEYWORD for spec in names.values()):
        return
    if "dialect" not in names and not isinstance(options.get("dialect", ""), str):
        raise ConfigError(
            f"The adapter “{kind}” has no use for an account's own words.",
            hint="Take the tables fields, reason_values and statuses out of the profile.",
        )
    unknown = next((name for name in options if name not in names), None)
    if unknown is not None:
        raise ConfigError(
            f"The adapter “{kind}” has no option “{clean(unknown)}”.", hint="Take it out of the profile."
        )


def _refuse_texts_for_others(takes: Signature, options: Mapping[str, Any]) -> None:
    """Raise TypeError for a profile's text in the place of a clock, a dialect or another thing of ours."""
    for name in (name for name, value in options.items() if isinstance(value, str)):
        spec = takes.parameters.get(name)
        if spec is None or spec.annotation is spec.empty or isinstance(spec.default, str):
            continue
        if "str" not in str(spec.annotation):
            raise TypeError(f"{name!r} is not an option of a profile")


def exchange_of(kind: str) -> Callable[..., Tokens] | None:
    """Return the adapter's own `exchange(url, refresh_token, **options)`, or None: its tokens do not rotate.

    What it must hold to is said at `triage.crm.bearer.Exchange`.
    """
    exchange: Callable[..., Tokens] | None = getattr(_factory(kind), "exchange", None)
    return exchange


def borrow_of(kind: str) -> Callable[..., Tokens | None] | None:
    """Return the adapter's own `borrow(url, **options)`, or None: its tokens are the keyring's.

    What it must hold to is said at `triage.crm.signing`.
    """
    borrow: Callable[..., Tokens | None] | None = getattr(_factory(kind), "borrow", None)
    return borrow


def ways_of(kind: str) -> dict[str, Way]:
    """Return the adapter's ways of signing in beside a typed token, by name."""
    ways: dict[str, Way] = _said(kind, "ways", {})
    point = _point(kind)
    if point is None:
        return ways
    from triage.crm.checked import way  # noqa: PLC0415 - shipped adapters are not looked after

    return {name: way(kind, f"ways[{name}]", ask, package_of(point)) for name, ask in ways.items()}


def questions_of(kind: str) -> dict[str, tuple[Question, ...]]:
    """Return what the adapter's ways of signing in need to know, by way; the empty name is a typed token."""
    questions: dict[str, tuple[Question, ...]] = _said(kind, "questions", {})
    return questions


def home_of(kind: str) -> str:
    """Return the address that an adapter knows by itself, where its CRM has only one; else an empty text."""
    home: str = _said(kind, "home", "")
    return home


def _said(kind: str, name: str, usual: Any) -> Any:
    """Return what the adapter says of signing in, else what is usual. ConfigError for another type."""
    said = getattr(_factory(kind), name, usual)
    if isinstance(usual, dict) and isinstance(said, Mapping):
        return dict(said)
    if not isinstance(said, type(usual)):
        found, wanted = type(said).__name__, type(usual).__name__
        raise ConfigError(
            f"The adapter “{kind}” has a `{name}` of the type {found}, not {wanted}.",
            hint="Tell its author; docs/adapters.md says what it is.",
        )
    return said


def check_offers() -> str:
    """Return which adapters other packages offer. ConfigError for one that cannot be used by its name."""
    offered = _installed()
    for kind, points in offered.items():
        if kind in _SHIPPED:
            raise ConfigError(
                f"The adapter “{clean(kind)}” of {_packages(points)} is not used: that name is triage's own.",
                hint="Its author gives it another name in the entry point.",
            )
        _only(kind, points)
    return (
        "; ".join(f"{kind} from {_packages(points)}" for kind, points in offered.items())
        or "the shipped ones"
    )


def _factory(kind: str) -> Callable[..., Any]:
    if kind in _SHIPPED:
        module, _, name = _SHIPPED[kind].partition(":")
        made: Callable[..., Any] = getattr(import_module(module), name)
        return made
    point = _point(kind)
    if point is None:
        raise UsageError(f"There is no adapter “{clean(kind)}”.", hint=_known(kind))
    return loaded(point)


def _takes(kind: str, factory: Callable[..., Any]) -> Signature:
    """Return what the adapter takes. ConfigError where that cannot be an address and a token."""
    from inspect import signature  # noqa: PLC0415 - `triage --version` makes nothing

    try:
        takes = signature(factory)
        takes.bind_partial("url", "token")
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"The adapter “{kind}” cannot be made from an address and a token ({error}).",
            hint="Its author writes `__init__(self, url, token, *, …)`, the rest by keyword with a default.",
        ) from None
    return takes


def _point(kind: str) -> EntryPoint | None:
    """Return who offers an adapter; None for nobody. ConfigError where two packages do."""
    points = () if kind in _SHIPPED else _installed().get(kind, ())
    return _only(kind, points) if points else None


def _only(kind: str, points: Sequence[EntryPoint]) -> EntryPoint:
    if len(points) > 1:
        raise ConfigError(
            f"Two packages offer an adapter “{clean(kind)}”: {_packages(points)}.",
            hint="Uninstall the one that you do not use.",
        )
    return points[0]


def _packages(points: Sequence[EntryPoint]) -> str:
    return " and ".join(package_of(point) for point in points)


def _installed() -> dict[str, tuple[EntryPoint, ...]]:
    """Return what other packages offer, by the adapter's name."""
    if not _is_offered():
        return {}
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes longer than all of `triage --version`

    offered: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        if point.dist is None or point.dist.name not in _OURS:
            offered[point.name] = (*offered.get(point.name, ()), point)
    return offered


def _is_offered() -> bool:
    """Whether a package but ours may offer an adapter: its metadata names the group.

    Only says where to look closely: what there is, the standard library says.
    """
    places = dict.fromkeys(Path(place) for place in sys.path)
    return any(place.is_file() or any(map(_names_group, _metadata(place))) for place in places)


def _metadata(place: Path) -> Iterator[Path]:
    for pattern in ("*.dist-info/entry_points.txt", "*.egg-info/entry_points.txt"):
        yield from (
            found for found in place.glob(pattern) if found.parent.name.partition("-")[0] not in _OURS
        )


def _names_group(found: Path) -> bool:
    try:
        return GROUP.encode() in found.read_bytes()
    except OSError:
        return True


def _known(kind: str) -> str:
    import difflib  # noqa: PLC0415 - for a name that there is not

    names = adapters()
    near = difflib.get_close_matches(kind, names, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}There are: {', '.join(names)}."
