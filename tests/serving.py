"""An ASGI application over real HTTP on a thread of the test's process: for stand-ins of CRMs that are not ours."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Leave signals to the process that runs the tests."""


@contextmanager
def served(app: Any, *, dates: bool = True) -> Iterator[str]:
    """Serve an application on a free port of this machine; yields its address.

    Without `dates` no answer says what time it is: for an application whose clock is a test's.
    """
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle on: 40 ms an answer
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=1,
        date_header=dates,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    waiting = threading.Event()
    try:
        for _ in range(3000):
            if server.started:
                break
            waiting.wait(0.01)
        assert server.started, "the stand-in did not come up"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
