"""The server's database: a cluster of its own in the run's folder, its schema made once and kept as a dump.

Nothing in it outlives the run, so it does not wait for the disk.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

from tests.live import services
from tests.live.place import VERSION, Place, cache
from tests.live.service import Failed

_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def make(place: Place) -> None:
    """Make an empty cluster, start it, and put a role and a database into it."""
    folder = place.at("database")
    folder.mkdir(mode=0o700)
    shutil.chown(folder, "postgres", "postgres")
    _run(
        [
            str(Path(place.programs, "initdb")),
            "-D",
            str(folder),
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
        ],
        "--locale=C.UTF-8",
        user="postgres",
    )
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS.format(port=place.postgres_port))
    services.postgres(place).start()
    _psql(place, "postgres", b"create role crm_app login nosuperuser nobypassrls password 'crm_app'")
    _psql(place, "postgres", b"create database crm owner crm_app")


def kept_schema(place: Place) -> Path:
    """Return where the schema of this version, for this PostgreSQL, is kept between runs."""
    return cache() / f"schema-{VERSION}-postgres-{Path(place.programs).parent.name}.sql.gz"


def restore(place: Place) -> None:
    """Fill the empty database from the dump."""
    _psql(place, "crm", gzip.decompress(kept_schema(place).read_bytes()))


def migrate(place: Place) -> None:
    """Let the server's own migrations make the schema, and keep a dump of it."""
    log = place.at("log", "migrate.log")
    _run(
        [place.python, "-m", "django", "migrate", "--noinput"],
        cwd=place.at("run", "."),
        env=place.environ(debug=True),
        log=log,
    )
    dumped = _run([str(Path(place.programs, "pg_dump")), *_connection(place), "crm"])
    whole = kept_schema(place).with_suffix(f".{os.getpid()}")
    whole.write_bytes(gzip.compress(dumped))
    whole.replace(kept_schema(place))


def _connection(place: Place) -> list[str]:
    return ["-h", "127.0.0.1", "-p", str(place.postgres_port), "-U", "postgres"]


def _psql(place: Place, database: str, script: bytes) -> None:
    command = [str(Path(place.programs, "psql")), "-q", "-v", "ON_ERROR_STOP=1", *_connection(place)]
    _run([*command, "-d", database], script=script)


def _run(
    command: list[str],
    *more: str,
    script: bytes | None = None,
    user: str | None = None,
    cwd: Path | str = "/",
    env: dict[str, str] | None = None,
    log: Path | None = None,
) -> bytes:
    """Run a program to its end; returns what it wrote. Failed has the end of that where it did not succeed."""
    done = subprocess.run(
        [*command, *more],
        input=script,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd=cwd,
        env=env,
        check=False,
    )
    if log is not None:
        log.write_bytes(done.stdout + done.stderr)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace")[-3000:]
        raise Failed(f"{Path(command[0]).name} ended with {done.returncode}:\n{said}")
    return done.stdout
