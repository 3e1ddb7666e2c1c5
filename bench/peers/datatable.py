"""The inbox as the toolkit's own recipe has it: a DataTable, and a Static that follows its cursor.

Run as a program: python datatable.py TABLE.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import DataTable, Footer, Static


class StockInbox(App[None]):
    """Reads a CSV file; its first line names the columns."""

    CSS = """
    DataTable { width: 1fr; }
    Static { width: 50; padding: 0 1; border-left: solid gray; }
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        with path.open(newline="", encoding="utf-8") as file:
            self.head, *self.rows = csv.reader(file)

    def compose(self) -> ComposeResult:
        """Yield table, detail and footer."""
        with Horizontal():
            yield DataTable(cursor_type="row", zebra_stripes=False)
            yield Static()
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns(*self.head)
        table.add_rows(self.rows)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the row under the cursor."""
        row = self.rows[event.cursor_row]
        facts = (f"[dim]{name}[/dim] {cell}" for name, cell in zip(self.head, row, strict=True))
        lines = [f"[b]{row[0]}[/b]", *facts]
        lines += [f"  [green]+9[/green] contribution {number} · seen on the website" for number in range(20)]
        self.query_one(Static).update("\n".join(lines))


if __name__ == "__main__":
    StockInbox(Path(sys.argv[1])).run()
