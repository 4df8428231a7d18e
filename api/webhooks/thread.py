"""The threads of a server that send to webhooks: one for each, so that none waits for another, and nothing else for
any of them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.away import is_away
from erstwhile.api.database.database import Database
from erstwhile.projections import webhook_rows

if TYPE_CHECKING:
    from erstwhile.api.webhooks.endpoint import Endpoint

log = logging.getLogger("erstwhile.webhooks")

LOOK = 1.0
"""Seconds between two looks for webhooks that were added or removed, and for what there is to send."""
PATIENCE = 20.0
"""Seconds that an end waits for requests that are under way."""


class _Sender(Rounds):
    """Sends to one webhook until it is stopped."""

    known = (MasterKeyMissing, SealBroken)

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        super().__init__(f"webhook {name}", log, patience=PATIENCE)
        self.words = f"nothing is sent to the webhook {name}"
        self._endpoint = endpoint

    def _round(self) -> float:
        return 0.0 if self._endpoint.round(lambda: self.is_stopping) else LOOK

    def _after(self, error: Exception) -> float:
        return LOOK

    def _end(self) -> None:
        try:
            self._endpoint.release()
        except Exception as error:
            if not is_away(error):
                log.exception("the %s cannot be left to others", self.name)


class WebhookThreads(Rounds):
    """Looks for webhooks that were added or removed, and has a thread for each."""

    words = "webhooks cannot be read"

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__("webhooks", log, patience=PATIENCE)
        self._pool = database.pool(size=2)
        self._vault = vault
        self._holder = secrets.token_hex(8)
        self._senders: dict[str, _Sender] = {}

    def rounds(self) -> Iterable[Rounds]:
        return (self, *self._senders.copy().values())

    def close(self) -> None:
        with closing(self._pool):
            super().close()
            for sender in self._senders.values():
                sender.stop()
            for sender in self._senders.values():
                sender.close()

    def _round(self) -> float:
        with self._pool.connection() as connection:
            found = webhook_rows.names(connection)
        self._keep(found)
        return LOOK

    def _after(self, error: Exception) -> float:
        return LOOK

    def _keep(self, names: list[str]) -> None:
        for name in set(self._senders) - set(names):
            self._senders.pop(name).stop()
        for name in names:
            if name not in self._senders:
                # Not above: most servers have no webhook, and each start would wait for what sends to them.
                from erstwhile.api.webhooks.endpoint import Endpoint

                endpoint = Endpoint(name, self._holder, self._pool.connection, self._vault)
                self._senders[name] = sender = _Sender(endpoint, name)
                sender.start()
