"""The same rows for each peer, in the form that it reads: a table, a database, requests, mail."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bench.leads import company_of

HEAD = ("name", "title", "company", "email", "source", "country", "score", "band")
_MAIL_LINES = 30


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Yield what the columns of our list say, one row a lead."""
    for number in range(count):
        email = f"lead{number}@company-{number % 997}.example"
        source = ("webinar", "content", "event")[number % 3]
        yield f"LEAD {number:05d}", "Plant Manager", company_of(number), email, source, "DE", "60", "A"


def table(path: Path, count: int) -> Path:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows(count))
    return path


def database(path: Path, count: int) -> Path:
    """Write a SQLite database with the table `leads`."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"CREATE TABLE leads ({', '.join(HEAD)})")
        connection.executemany(f"INSERT INTO leads VALUES ({', '.join('?' * len(HEAD))})", rows(count))
    connection.close()
    return path


def requests(folder: Path, count: int) -> Path:
    """Write a folder of requests, each with a description."""
    folder.mkdir()
    for number, row in enumerate(rows(count)):
        lines = (
            f"name: {row[0]}",
            f"description: 'about {row[0]}: {row[1]} at {row[2]}'",
            "method: GET",
            f"url: http://127.0.0.1:9/{number}",
        )
        (folder / f"{number:05d}.posting.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def mail(folder: Path, count: int) -> Path:
    """Write a maildir of read messages."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, row in enumerate(rows(count)):
        body = "".join(f"line {line} about {row[0]}\n" for line in range(_MAIL_LINES))
        clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
        head = (
            f"From: {row[0]} <{row[3]}>\nTo: rep@crm.example\nDate: Mon, 01 Jan 2024 {clock} +0000\n"
            f"Subject: {row[1]}, {row[2]}\nMessage-ID: <{number}@bench.example>\n\n"
        )
        place = folder / "cur" / f"{1_700_000_000 + number}.{number}.bench:2,S"
        place.write_text(head + body, encoding="utf-8")
    return folder
