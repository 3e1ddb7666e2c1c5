"""A module that is loaded when something of it is first asked for: a list and a first paint write nothing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
