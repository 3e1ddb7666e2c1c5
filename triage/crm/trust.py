"""Whose certificates are trusted: the system's, and those of a company's own file. Nobody else's, ever."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

from triage.errors import ConfigError

FILE, FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"
"""The variables by which OpenSSL finds the system's authorities, where OpenSSL is what checks."""
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name."""


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts what the system trusts, and the authorities in `ca_file`.

    ConfigError when that file cannot be read.
    """
    import truststore  # noqa: PLC0415 - needed with the first request only

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        _load(
            context, ca_file, f"The CA file {ca_file}", "Check ca_file in the profile: `triage config edit`."
        )
    return context


def timeless_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts the same authorities for the same hosts, but at any time.

    Only for asking what time it is: nothing secret may go over it.
    """
    context = tls_context(ca_file)
    context.verify_flags |= _NO_CHECK_TIME
    return context


def check_variables() -> None:
    """Raise ConfigError where SSL_CERT_FILE or SSL_CERT_DIR name nothing: OpenSSL would not say so."""
    if sys.platform in ("darwin", "win32"):
        return  # the system itself checks, and reads no variable
    file, folders = os.environ.get(FILE), os.environ.get(FOLDERS)
    if file:
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), file, f"The file {file} in {FILE}", _hint(FILE))
    if folders and not any(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
        raise ConfigError(f"{folders} in {FOLDERS} is no folder of certificates.", hint=_hint(FOLDERS))


def _load(context: ssl.SSLContext, path: str, what: str, hint: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{what} cannot be read ({_why(error)}).", hint=hint) from error


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError | ValueError):
        return "not a file of certificates"
    return error.strerror or type(error).__name__


def _hint(variable: str) -> str:
    return f"Mend or unset {variable}; a company's own authority belongs into ca_file of the profile."
