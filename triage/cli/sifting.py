"""Which leads a command is about: a view by its tab's words, and a filter, as they were typed."""

from __future__ import annotations

import os

from triage.domain.query import BadFilter, Query, parse
from triage.domain.views import STANDARD_VIEWS, View
from triage.errors import UsageError
from triage.house import House


def read_filter(text: str) -> Query:
    """Read a filter; UsageError names the column and what was meant perhaps, as the screen does."""
    try:
        return parse(text)
    except BadFilter as bad:
        problem = f"--filter, column {bad.position + 1}: {bad.message}"
        raise UsageError(problem, hint=bad.hint) from None


def view_named(name: str) -> View:
    """Return the view whose tab says this, whatever the case; the rep's own views count too."""
    views = {view.label.casefold(): view for view in (*STANDARD_VIEWS, *_own_views())}
    wanted = name.strip().casefold()
    if wanted in views:
        return views[wanted]
    import difflib

    near = difflib.get_close_matches(wanted, views, n=1)
    every = ", ".join(view.label for view in views.values())
    hint = f"Did you mean {views[near[0]].label}?" if near else f"The views are: {every}."
    raise UsageError(f"There is no view “{name}”.", hint=hint)


def _own_views() -> tuple[View, ...]:
    settings = House.found(os.environ).settings
    if not settings.views:
        return ()
    from config.views import views_of

    return views_of(settings.views)
