"""The programs that BottleCRM consists of, as services of a place: PostgreSQL, Redis, Celery, gunicorn."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx

from tests.live.place import Place
from tests.live.service import Service

_WORKERS = "2"
_THREADS = "2"
_LOOPBACK = "127.0.0.1"
_CELERY_IS_UP = b" ready."


def postgres(place: Place) -> Service:
    """Return the database, which runs as its own user and is asked to leave quickly."""
    command = (str(Path(place.programs, "postgres")), "-D", str(place.at("database")))
    return Service(
        "postgres",
        place,
        command,
        lambda: listens(place.postgres_port),
        user="postgres",
        farewell=signal.SIGINT,
    )


def redis(place: Place) -> Service:
    """Return the broker and cache, which keeps nothing on the disk."""
    command = ("redis-server", "--bind", _LOOPBACK, "--port", str(place.redis_port))
    nothing_kept = ("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(place.at("run")))
    return Service("redis", place, (*command, *nothing_kept), lambda: _pong(place.redis_port))


def celery(place: Place) -> Service:
    """Return the worker for mail and the like."""
    command = (_program(place, "celery"), "-A", "crm", "worker", "-l", "INFO", "-c", "1")
    service = Service(
        "celery", place, command, lambda: _said(service, _CELERY_IS_UP), environ=place.environ()
    )
    return service


def server(place: Place) -> Service:
    """Return the web server, as it would run in production but for its address."""
    command = (
        *(_program(place, "gunicorn"), "crm.wsgi:application", "-b", f"{_LOOPBACK}:{place.http_port}"),
        *("-w", _WORKERS, "--threads", _THREADS, "--graceful-timeout", "3"),
        *("--control-socket", str(place.at("run", "gunicorn.control"))),
        *("--access-logfile", str(place.at("log", "access.log"))),
    )
    return Service("gunicorn", place, command, lambda: _healthy(place.url), environ=place.environ())


def all_of(place: Place) -> tuple[Service, ...]:
    """Return them in the order in which they start."""
    return postgres(place), redis(place), celery(place), server(place)


def listens(port: int) -> bool:
    """Tell whether anyone listens on a port of this machine."""
    with socket.socket() as tried:
        return tried.connect_ex((_LOOPBACK, port)) == 0


def _program(place: Place, name: str) -> str:
    return str(Path(place.venv, "bin", name))


def _said(service: Service, words: bytes) -> bool:
    return words in service.log.read_bytes()


def _pong(port: int) -> bool:
    try:
        with socket.create_connection((_LOOPBACK, port), timeout=2) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz/", timeout=10, trust_env=False).is_success
    except httpx.HTTPError:
        return False
