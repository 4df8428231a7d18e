"""The threads of a server that send to webhooks: one for each, so that none waits for another, and nothing else for
any of them."""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.commanding.outages import is_away
from erstwhile.api.database.database import Database
from erstwhile.projections import webhook_rows

if TYPE_CHECKING:
    from erstwhile.api.webhooks.endpoint import Endpoint

log = logging.getLogger("erstwhile.webhooks")

LOOK = 1.0
"""Seconds between two looks for webhooks that were added or removed, and for what there is to send."""
PATIENCE = 20.0
"""Seconds that an end waits for requests that are under way."""


class _Sender:
    """A thread that sends to one webhook until it is stopped."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._stopping = threading.Event()
        self._is_failing = False
        self._thread = threading.Thread(target=self._run, name=f"webhook {name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = 0.0 if self._round() else LOOK
        try:
            self._endpoint.release()
        except Exception as error:
            if not is_away(error):
                log.exception("the webhook %s cannot be left to others", self._name)

    def _round(self) -> bool:
        try:
            found = self._endpoint.round(self._stopping.is_set)
            self._is_failing = False
        except Exception as error:
            if not self._is_failing and not is_away(error):
                if isinstance(error, MasterKeyMissing | SealBroken):
                    log.error("nothing is sent to the webhook %s: %s", self._name, error)
                else:
                    log.exception("nothing is sent to the webhook %s", self._name)
            self._is_failing = True
            return False
        return found


class WebhookThreads:
    """Those of one server; `close` ends them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._pool = database.pool(size=2)
        self._vault = vault
        self._holder = secrets.token_hex(8)
        self._senders: dict[str, _Sender] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        with closing(self._pool):
            if self._thread.is_alive():
                self._thread.join(PATIENCE)
            for sender in self._senders.values():
                sender.stop()
            for sender in self._senders.values():
                sender.join(PATIENCE)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._pool.connection() as connection:
                    found = webhook_rows.names(connection)
                self._keep(found)
            except Exception as error:
                if not is_away(error):
                    log.exception("webhooks cannot be read")
            self._stopping.wait(LOOK)

    def _keep(self, names: list[str]) -> None:
        for name in set(self._senders) - set(names):
            self._senders.pop(name).stop()
        for name in names:
            if name not in self._senders:
                # Not above: most servers have no webhook, and each start would wait for what sends to them.
                from erstwhile.api.webhooks.endpoint import Endpoint

                endpoint = Endpoint(name, self._holder, self._pool.connection, self._vault)
                self._senders[name] = _Sender(endpoint, name)
