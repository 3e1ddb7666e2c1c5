"""Loading an adapter of another package, and saying to its author why that is not possible.

Runs code of somebody else's: whatever that raises ends here, without its words, which may hold anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from triage.errors import ConfigError
from triage.text import clean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def package_of(point: EntryPoint) -> str:
    """Return the name and version of the package that offers an adapter, in words."""
    return (
        f"the package {clean(point.dist.name)} {clean(point.dist.version)}" if point.dist else "its package"
    )


def loaded(point: EntryPoint) -> Callable[..., Any]:
    """Return the class or function that an entry point names. ConfigError says what is in the way."""
    module, _, name = (part.strip() for part in point.value.partition("[")[0].partition(":"))
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        raise _missing(point, module, error.name or "") from error
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__} is raised{where(error, module)} as “{clean(module)}” is imported"
        raise _unloaded(point, what, "Mend that, or tell its author.") from error
    try:
        found = reduce(getattr, name.split("."), found) if name else found
    except AttributeError as error:
        what = f"there is no “{clean(name)}” in “{clean(module)}”"
        raise _unloaded(point, what, _says(point)) from error
    if not callable(found):
        kind = type(found).__name__
        what = f"“{clean(point.value)}” is of the type {kind}, and no class or function"
        raise _unloaded(point, what, _says(point))
    made: Callable[..., Any] = found
    return made


def where(error: BaseException, package: str) -> str:
    """Return file and line in a package where an error was raised: no text of it, which may hold data."""
    if isinstance(error, SyntaxError):
        return f" at {PurePath(error.filename or '').name}, line {error.lineno}"
    found, step = "", error.__traceback__
    while step is not None:
        if str(step.tb_frame.f_globals.get("__name__")).partition(".")[0] == package.partition(".")[0]:
            found = f" at {PurePath(step.tb_frame.f_code.co_filename).name}, line {step.tb_lineno}"
        step = step.tb_next
    return found


def _missing(point: EntryPoint, module: str, missing: str) -> ConfigError:
    """Return the error for a module that is not there: the adapter's own, or one that it needs."""
    if f"{module}.".startswith(f"{missing}."):
        return _unloaded(point, f"there is no module “{clean(module)}”", _says(point))
    hint = (
        f"Install “{clean(missing)}” into the environment of triage; its author names it in `dependencies`."
    )
    return _unloaded(point, f"it imports “{clean(missing)}”, which is not installed", hint)


def _says(point: EntryPoint) -> str:
    return (
        f"Its entry point says {clean(point.name)} = “{clean(point.value)}”; it is “module:Class”. "
        "Once that is right, install the package again into the environment of triage."
    )


def _unloaded(point: EntryPoint, what: str, hint: str) -> ConfigError:
    whose = f"The adapter “{clean(point.name)}” of {package_of(point)}"
    return ConfigError(f"{whose} does not load: {what}.", hint=hint)
