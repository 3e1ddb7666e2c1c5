"""Whose certificates are trusted: the system's, and those of a company's own file. Nobody else's, ever."""

from __future__ import annotations

import ssl

from triage.errors import ConfigError


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts what the system trusts, and the authorities in `ca_file`.

    ConfigError when the file cannot be read.
    """
    import truststore  # noqa: PLC0415 - needed with the first request only

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a file of certificates"
        raise ConfigError(f"The CA file {ca_file} cannot be read ({why}).") from error
    return context
