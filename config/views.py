"""The rep's own views, from `[[views]]` to values. Owns names and errors; how to filter is the domain's."""

from __future__ import annotations

from config.document import Document, KeyPath, dotted
from config.settings import OwnView
from triage.domain.query import BadFilter, parse
from triage.domain.views import STANDARD_VIEWS, View, own_view
from triage.errors import ConfigError

_BASES = {view.id: view for view in STANDARD_VIEWS}


def views_of(settings: tuple[OwnView, ...]) -> tuple[View, ...]:
    """Return the views that settings describe; they were checked when they were read."""
    return tuple(own_view(one.name.strip(), parse(one.filter), _BASES[one.base]) for one in settings)


def check_views(document: Document, settings: tuple[OwnView, ...]) -> None:
    """Refuse a view that has no name, or one that is taken, or a filter that cannot be read."""
    taken = {view.label.casefold() for view in STANDARD_VIEWS}
    for index, one in enumerate(settings):
        name = one.name.strip().casefold()
        if not name:
            raise document.error(("views", index, "name"), f"`views[{index}].name` is empty.")
        if name in taken:
            problem = f"`views[{index}].name`: there is a view of this name already."
            raise document.error(("views", index, "name"), problem)
        taken.add(name)
        _check_filter(document, ("views", index, "filter"), one.filter)


def _check_filter(document: Document, key: KeyPath, text: str) -> None:
    try:
        parse(text)
    except BadFilter as bad:
        raise _bad(document, key, bad) from None


def _bad(document: Document, key: KeyPath, bad: BadFilter) -> ConfigError:
    problem = f"`{dotted(key)}`, column {bad.position + 1} of the filter: {bad.message}"
    return document.error(key, problem, hint=bad.hint)
