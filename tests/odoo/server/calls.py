"""One call of a method: found, allowed, bound to its arguments, and run in a transaction of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.odoo.server.environment import Env, Records
from tests.odoo.server.problems import Problem, access_error, crash
from tests.odoo.server.state import State


@dataclass(frozen=True)
class Method:
    """What a model offers. Its function takes the environment, the records, then its own arguments."""

    run: Callable[..., Any]
    on_model: bool = False
    """It is called on the model and takes no ids."""
    writes: bool = False
    since: int = 0
    """The first version that has it."""

    @property
    def parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.run).parameters.values())[2:]


@dataclass(frozen=True)
class Call:
    """A call as an interface understood it."""

    uid: int
    model: str
    method: str
    ids: Sequence[int] = ()
    positional: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    def bind(self, method: Method) -> None:
        """Raise TypeError where the arguments do not fit."""
        inspect.signature(method.run).bind(None, None, *self.positional, **self.named)


def run(state: State, call: Call, method: Method) -> Any:
    """Do it, whole or not at all; records come back as they are."""
    state.tables.begin()
    state.now = state.clock.stamp()
    trained = len(state.trained)
    model = state.tables.models[call.model]
    env = Env(state, call.uid, call.context)
    try:
        if (call.model, call.method) in state.forbidden:
            raise access_error(f"You are not allowed to access '{model.label}' ({model.name}) records.")
        return method.run(env, Records(model, tuple(call.ids)), *call.positional, **call.named)
    except Problem:
        _take_back(state, trained)
        raise
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as mistake:
        _take_back(state, trained)
        raise crash(f"builtins.{type(mistake).__name__}", str(mistake)) from mistake


def _take_back(state: State, trained: int) -> None:
    state.tables.roll_back()
    del state.trained[trained:]
