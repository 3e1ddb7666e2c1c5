"""The choice of an order: one key for each column, the same again turns it round. Pure."""

from __future__ import annotations

from collections.abc import Collection

from screens.asking.questions import Choose, Option
from triage.domain.orders import BY_ID, URGENCY, Order

_KEYS = {
    "sla": "1", "band": "2", "score": "3", "fit": "4", "engagement": "5", "name": "6", "company": "7",
    "source": "8", "age": "9", "title": "t", "badges": "f", "trend": "r", "country": "c", "city": "i",
    "campaign": "m", "tries": "a",
}  # fmt: skip
"""The key of each order in the choice; 0 is the view's own."""
_ALWAYS = frozenset(
    {"sla", "band", "score", "fit", "engagement", "name", "company", "source", "age", "title", "badges"}
)


def order_question(now: Order, own: Order, columns: Collection[str]) -> Choose:
    """Return the choice; its answer is an order. `own` is the view's, `columns` are those that are shown."""
    options = [_option("0", own, now)]
    for order_id, key in _KEYS.items():
        if order_id in _ALWAYS or order_id in columns:
            options.append(_option(key, BY_ID[order_id], now))
    return Choose("Sort by", options, hint="again turns it round")


def _option(key: str, order: Order, now: Order) -> Option:
    here = order.id == now.id
    return Option(key, order.label, now.turn() if here else order, "◂ now" if here else "")


def by_column(column: str, now: Order) -> Order | None:
    """Return the order by a column, turned round if it is the present one; None where it has none."""
    order = BY_ID.get(column)
    return now.turn() if order is not None and order.id == now.id else order


def is_falling(order: Order) -> bool:
    """Whether the numbers or letters that are shown get smaller down the list."""
    # An age is shown, and a moment compared.
    return order.descending != (order.id == "age")


def column_of(order: Order) -> str:
    """Return the id of the column that an order is by; of the default one, none."""
    return "" if order.id == URGENCY.id else order.id
