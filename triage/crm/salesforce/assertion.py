"""The signed word by which a headless sign-in is granted (JWT bearer, RFC 7523).

The key's file must be its owner's alone. Nothing of it is ever in an error.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from triage.errors import UsageError

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOD_FOR = 120
"""Seconds; Salesforce takes at most 180."""
_LONGEST = 65_536
"""Bytes of a key."""
_FORBIDDEN = stat.S_IRWXG | stat.S_IRWXO


def signed(
    client_id: str, username: str, audience: str, key_file: str, now: Callable[[], float] = time.time
) -> str:
    """Return the assertion, signed with RS256; UsageError for a key that cannot be used."""
    claims = {"iss": client_id, "sub": username, "aud": audience, "exp": int(now()) + GOOD_FOR}
    key = _key(key_file)
    import jwt  # noqa: PLC0415 - with cryptography 60 ms, and only for this way to sign in

    try:
        return jwt.PyJWT(options={"enforce_minimum_key_length": True}).encode(claims, key, algorithm="RS256")
    except Exception as error:  # noqa: BLE001 - the boundary: two libraries' errors, which may quote the key
        kind = type(error).__name__
    raise UsageError(
        f"The key in key_file cannot sign ({kind}).",
        hint="It is an RSA private key in PEM, without a passphrase, of 2048 bits or more.",
    )


def _key(key_file: str) -> bytes:
    """Return a key's file, looked at through the handle that it is read from."""
    try:
        path = Path(key_file).expanduser()
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, RuntimeError, ValueError) as error:  # nobody's home, or a name that no file can have
        why = getattr(error, "strerror", None) or "that is no path"
        raise UsageError(f"The key_file cannot be read: {why}.") from None
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError("The key_file is no file.")
        if facts.st_mode & _FORBIDDEN or facts.st_uid not in (os.geteuid(), 0):
            raise UsageError(
                "The key_file can be read by others, or is somebody else's.", hint=f"Run `chmod 600 {path}`."
            )
        return os.read(handle, _LONGEST)
    finally:
        os.close(handle)
