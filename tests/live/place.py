"""Where one run has its things: folders, ports, the server's environment. Written down for the tests' process.

It starts nothing. What a run makes lies in a private temporary folder; what a later run can use lies in the
cache: $XDG_CACHE_HOME/triage-live.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "TRIAGE_LIVE"
"""Names the file that a place was written to; without it the live tests are left out."""
VERSION = "1.35.0"
"""Of BottleCRM, as server.txt pins it."""
_PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to anyone: a server that is started again finds its own one free."""
_LOOPBACK = "127.0.0.1"
_REQUEST = re.compile(r'"([A-Z]+ \S+) HTTP/1\.\d" (\d+)')


@dataclass(frozen=True, slots=True)
class Place:
    """One run's folder and ports. `folder` holds data and logs, `venv` the server's packages."""

    folder: str
    venv: str
    programs: str
    """PostgreSQL's own."""
    http_port: int
    postgres_port: int
    redis_port: int
    secret: str

    @property
    def url(self) -> str:
        """The CRM's address."""
        return f"http://{_LOOPBACK}:{self.http_port}"

    @property
    def python(self) -> str:
        """The server's interpreter."""
        return str(Path(self.venv, "bin", "python"))

    def at(self, *parts: str) -> Path:
        """Return a path below the run's folder, whose parent is there."""
        path = Path(self.folder, *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def environ(self, *, debug: bool = False) -> dict[str, str]:
        """Return what the server's programs are started with; `debug` is for its own sign-in command alone."""
        redis = f"redis://{_LOOPBACK}:{self.redis_port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "crm.settings",
            "SECRET_KEY": self.secret,
            "ENV_TYPE": "dev",
            "DEBUG": str(debug),
            "DBNAME": "crm",
            "DBUSER": "crm_app",
            "DBPASSWORD": "crm_app",
            "DBHOST": _LOOPBACK,
            "DBPORT": str(self.postgres_port),
            "DB_POOL_ENABLED": str(not debug),
            "CELERY_BROKER_URL": f"{redis}/0",
            "CELERY_RESULT_BACKEND": f"{redis}/0",
            "CACHE_URL": f"{redis}/1",
            "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
            "DOMAIN_NAME": self.url,
            "FRONTEND_URL": self.url,
            "ALLOWED_HOSTS": f"localhost,{_LOOPBACK}",
        }

    @property
    def figures(self) -> Path:
        """Where tests leave figures for the end of the run."""
        return self.at("figures.txt")

    def access(self) -> list[str]:
        """Return the requests that the server has answered, as method, path, status."""
        log = self.at("log", "access.log")
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        return [f"{found[1]} {found[2]}" for line in lines if (found := _REQUEST.search(line))]

    def write(self) -> Path:
        """Write this down for another process; returns the file, which only root reads."""
        path = self.at("place.json")
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


def read(path: str | Path) -> Place:
    """Return a place that was written down."""
    return Place(**json.loads(Path(path).read_text(encoding="utf-8")))


def cache() -> Path:
    """Return the folder that outlives a run."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "triage-live"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def made(folder: Path, venv: Path, programs: Path) -> Place:
    """Return a place with ports that are free now, and a secret of its own."""
    with ExitStack() as held:
        http, postgres, redis = (held.enter_context(_free_port()) for _ in range(3))
    return Place(str(folder), str(venv), str(programs), http, postgres, redis, secrets.token_urlsafe(48))


@contextmanager
def _free_port() -> Iterator[int]:
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as tried:
            try:
                tried.bind((_LOOPBACK, port))
            except OSError:
                continue
            yield port
            return
    raise OSError("no port of this machine is free")
