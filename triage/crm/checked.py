"""An adapter of somebody else's, held to the port: a mistake in it is a sentence for its author, not a crash.

Costs nothing to the shipped adapters, whose types are checked before they ship. Never changes an answer that
keeps to the port, and never takes one that does not for a yes or a no: such an item is unknown.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cache, wraps
from inspect import isasyncgen, isawaitable, iscoroutine, signature
from typing import Any, cast, get_args, get_type_hints

from triage.crm.bare import Bare
from triage.crm.fitting import misfit
from triage.crm.loading import where
from triage.crm.port import Crm
from triage.crm.setup import Check, Step
from triage.crm.signing import Granted, Say, Way
from triage.domain.item import Item
from triage.domain.outcome import Outcome, Unknown
from triage.domain.score import Score
from triage.errors import AnswerLost, BadAnswer, ConfigError, TriageError
from triage.text import clean

_log = logging.getLogger(__name__)
NEEDED = ("whoami", "fetch", "push", "verify", "aclose")
YIELDING = ("fetch", "replies", "decisions", "feedback", "outcomes")
WRITING = ("push", "reply", "reply_all", "see", "propose", "vote", "set_up")
"""Where an answer of another shape leaves open what took effect."""
_BESIDE_THE_PORT = {
    "explain": Score | None,
    "setup_plan": tuple[Step, ...],
    "set_up": None,
    "examine": tuple[Check, ...],
}


class Checked:
    """An adapter, asked as it is, and its answers looked at. ConfigError for one that lacks a needed word."""

    def __init__(self, kind: str, crm: object, package: str = "its package") -> None:
        """`kind` is what the adapter is called, `package` whose author is to be told."""
        self._kind = kind
        self._crm = crm
        self._package = package
        self._refuse_incomplete()

    def __getattr__(self, name: str) -> Any:
        """Be the adapter: its words of the port looked after, all else as it is."""
        found = getattr(self._crm, name)
        if name == "skew":
            self._check(name, found, promises()[name])
        if name == "push":
            return self._push
        if name in YIELDING:
            return self._yielded(name, found)
        return self._asked(name, found) if name in promises() and name != "skew" else found

    def _refuse_incomplete(self) -> None:
        if isawaitable(self._crm):
            _put_away(self._crm)
            raise self._wrong("", "its maker is a coroutine: make it without `async`", ConfigError)
        for name in (*NEEDED, *(name for name in vars(Bare) if not name.startswith("_"))):
            if not callable(getattr(self._crm, name, None)):
                what = (
                    "every adapter has it" if name in NEEDED else "write it, or subclass triage.crm.bare.Bare"
                )
                raise self._wrong(name, f"there is no such method; {what}", ConfigError)

    def _asked(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        async def ask(*args: Any, **options: Any) -> Any:
            told = await self._answer(name, method, *args, **options)
            self._check(name, told, promises()[name])
            return told

        return ask

    def _yielded(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        (hint,) = get_args(promises()[name])

        @wraps(method)
        async def pages(*args: Any, **options: Any) -> AsyncIterator[Any]:
            found = self._called(name, method, *args, **options)
            if not hasattr(found, "__anext__"):
                _put_away(found)
                raise self._wrong(name, f"write it as `async def {name}` with `yield`")
            try:
                async for one in found:
                    self._check(name, one, hint)
                    yield one
            except TriageError:
                raise
            except Exception as error:
                raise self._raised(name, error) from error
            finally:
                if isasyncgen(found):
                    await found.aclose()

        return pages

    async def _push(self, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Write items; one whose answer is of another type is unknown, and is asked about."""
        told = await self._answer("push", self._crm.push, items)  # type: ignore[attr-defined]  # looked for above
        if not isinstance(told, Mapping):
            raise self._wrong(
                "push", f"{misfit(told, Mapping[str, Any], 'the answer')} of outcomes by item id"
            )
        found = {item.id: self._outcome(told[item.id]) for item in items if item.id in told}
        if strangers := len(told) - len(found):
            unknown = self._unknown(f"{strangers} outcomes are not under the id of an item")
            found = {item.id: found.get(item.id, unknown) for item in items}
        return found

    def _outcome(self, told: Any) -> Outcome:
        trouble = misfit(told, Outcome, "the outcome")
        outcome: Outcome = self._unknown(trouble) if trouble else told
        return outcome

    def _unknown(self, trouble: str) -> Unknown:
        """Return what is known of an item after such an answer; it is asked about, so only the log tells."""
        error = self._wrong("push", trouble)
        _log.warning("%s %s", error.message, self._package)
        return Unknown(error.message)

    async def _answer(self, name: str, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        found = self._called(name, method, *args, **options)
        if not isawaitable(found):
            raise self._wrong(name, f"write it as `async def {name}`, without `yield`")
        try:
            return await found
        except TriageError:
            raise
        except Exception as error:
            raise self._raised(name, error) from error

    def _called(self, name: str, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            signature(method).bind(*args, **options)
        except TypeError as error:
            raise self._wrong(name, f"it cannot be called as the port does ({error})") from None
        try:
            return method(*args, **options)
        except TriageError:
            raise
        except Exception as error:
            raise self._raised(name, error) from error

    def _check(self, name: str, told: object, hint: Any) -> None:
        if trouble := misfit(told, hint, "the answer"):
            raise self._wrong(name, trouble)

    def _raised(self, name: str, error: Exception) -> TriageError:
        at = where(error, type(self._crm).__module__)
        what = f"{type(error).__name__} is raised{at}: raise CrmError, or one of its kinds"
        return self._wrong(name, what)

    def _wrong(self, name: str, what: str, kind: type[TriageError] | None = None) -> TriageError:
        return _fault(
            self._kind, name, what, self._package, kind or (AnswerLost if name in WRITING else BadAnswer)
        )


def made(kind: str, make: Callable[[], object], package: str) -> Crm:
    """Make an adapter and look after it. ConfigError where its maker fails, or gives what is no adapter."""
    try:
        crm = make()
    except TriageError:
        raise
    except Exception as error:
        module = str(getattr(getattr(make, "func", make), "__module__", ""))
        what = f"{type(error).__name__} is raised{where(error, module)}: raise ConfigError for a bad option"
        raise _fault(kind, "", what, package, ConfigError) from error
    return cast("Crm", Checked(kind, crm, package))


def way(kind: str, name: str, ask: Way, package: str) -> Way:
    """Return a way of signing in, looked after in the same manner."""

    @wraps(ask)
    async def granted(url: str, options: Mapping[str, str], say: Say) -> Granted:
        try:
            told = await ask(url, options, say)
        except TriageError:
            raise
        except Exception as error:
            at = where(error, str(getattr(ask, "__module__", "")))
            what = f"{type(error).__name__} is raised{at}: raise CrmError, or UsageError for an option"
            raise _fault(kind, name, what, package, BadAnswer) from error
        if not isinstance(told, Granted):
            raise _fault(kind, name, misfit(told, Granted, "the answer"), package, BadAnswer)
        return told

    return granted


@cache
def promises() -> dict[str, Any]:
    """Return what each word of the port gives, as types, by its name."""
    words = {name: word for name, word in vars(Crm).items() if not name.startswith("_")}
    given = {name: get_type_hints(getattr(word, "fget", word)).get("return") for name, word in words.items()}
    return given | _BESIDE_THE_PORT


def _fault(kind: str, name: str, what: str, package: str, error: type[TriageError]) -> TriageError:
    where_it_is = f"in `{name}`" if name else "as it is made"
    after = f" {AnswerLost.default_hint}" if error is AnswerLost else ""
    return error(
        f"The adapter “{clean(kind)}” does not keep to the port {where_it_is}: {what}.",
        hint=f"This is a mistake in {package}; docs/adapters.md says what is promised.{after}",
    )


def _put_away(found: Any) -> None:
    """Close a coroutine that no one will wait for."""
    if iscoroutine(found):
        found.close()
