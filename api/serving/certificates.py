"""TLS: a certificate and its key, read again when their files change, for connections that come from then on."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

from erstwhile.api.database.settings import MalformedSetting

log = logging.getLogger("erstwhile.tls")

LOOK = 5.0
"""Seconds between two looks whether the files changed."""


class Certificates:
    """`context`: of a listener; it has what the files last had that fitted together."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises MalformedSetting."""
        self._certificate, self._key = certificate, key
        self._read_at = self._changed_at()
        try:
            self.context = self._loaded()
        except (OSError, ValueError) as error:
            raise MalformedSetting(f"{_files(certificate, key)}: {_reason(error)}") from None

    def reload(self) -> bool:
        """Reads the files again; returns whether they can be used. Else what was read before stays in use."""
        self._read_at = self._changed_at()
        try:
            # Apart at first: a context that got a certificate without its key would refuse everybody.
            self._loaded()
            self.context.load_cert_chain(self._certificate, self._key)
        except (OSError, ValueError) as error:
            files = _files(self._certificate, self._key)
            log.error("%s: %s; the certificate of before stays in use", files, _reason(error))
            return False
        log.warning("the certificate %s was read again", self._certificate)
        return True

    async def watch(self) -> None:
        """Reads the files again whenever they change, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if self._changed_at() != self._read_at:
                self.reload()

    def _changed_at(self) -> tuple[int, ...]:
        found = []
        for path in (self._certificate, self._key):
            try:
                status = path.stat()
            except OSError:
                found += [0, 0]
            else:
                found += [status.st_mtime_ns, status.st_ino]
        return tuple(found)

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        # A key with a passphrase would ask for it at the terminal.
        context.load_cert_chain(self._certificate, self._key, password=_no_passphrase)
        return context


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase, which a server cannot be asked for")


def _files(certificate: Path, key: Path) -> str:
    return f"{certificate} and {key}"


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "they are no certificate and its key in PEM form, or do not belong together"
    return getattr(error, "strerror", None) or str(error)
