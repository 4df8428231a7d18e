"""Sends to one webhook: in order, each message at least once; what fails is sent again, later and later, and at last is
a dead letter. No connection of the database is held while a request is under way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from erstwhile.api.aws.federation.outgoing_requests import Unreachable
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.webhooks.messages import Message, message_of, next_messages
from erstwhile.api.webhooks.sending import send
from erstwhile.projections import webhook_rows
from erstwhile.projections.log_reader import log_name
from erstwhile.projections.sql import Connection
from erstwhile.projections.webhook_rows import Webhook

ATTEMPTS = 12
"""How often a message is sent until it is given up: over about an hour."""
FIRST, LONGEST = 2.0, 900.0
"""Seconds until a message is sent again: twice as many each time."""
_AGAIN = 3
"""Dead letters that are sent again at once: these must not take longer than others are kept from sending."""
Connections = Callable[[], AbstractContextManager[Connection]]


class Endpoint:
    """`holder`: the name of this process among those that send."""

    def __init__(self, name: str, holder: str, connections: Connections, vault: Vault) -> None:
        self._name = name
        self._holder = holder
        self._connections = connections
        self._vault = vault

    def round(self, is_stopping: Callable[[], bool]) -> bool:
        """Sends what there is; whether there may be more at once. Raises MasterKeyMissing, SealBroken."""
        with self._connections() as connection:
            webhook = webhook_rows.take(connection, self._name, self._holder)
            if webhook is None:
                return False
            secret = self._vault.open(webhook.sealed, webhook_rows.purpose(self._name), webhook.master_key)
            source = log_name(connection)
            again = webhook_rows.dead_letters(connection, self._name, asked_again=True, limit=_AGAIN)
            letters = [(letter, message_of(connection, letter, source)) for letter in again]
            found = next_messages(connection, webhook, source)
        for letter, message in letters:
            if is_stopping():
                return False
            error = self._sent(webhook, secret, message) if message is not None else ""
            with self._connections() as connection:
                webhook_rows.sent_again(connection, letter, error)
        for message in found.messages:
            if is_stopping() or not self._deliver(webhook, secret, message):
                return False
            webhook = webhook_rows.after(webhook, message.position, message.notice)
        if (found.position, found.notice) > (webhook.position, webhook.notice):
            with self._connections() as connection:
                webhook_rows.moved(connection, self._name, self._holder, found.position, found.notice)
        return bool(letters or found.messages) or found.position > webhook.position

    def release(self) -> None:
        """Lets another process send at once."""
        with self._connections() as connection:
            webhook_rows.release(connection, self._name, self._holder)

    def _deliver(self, webhook: Webhook, secret: bytes, message: Message) -> bool:
        """Whether the next message may be sent."""
        error = self._sent(webhook, secret, message)
        place = (message.position, message.notice)
        with self._connections() as connection:
            if not error:
                return webhook_rows.moved(connection, self._name, self._holder, *place, sent=1)
            if webhook.attempts + 1 >= ATTEMPTS:
                return webhook_rows.bury(connection, webhook, self._holder, *place, error)
            webhook_rows.failed(connection, self._name, self._holder, error, pause(webhook.attempts))
        return False

    def _sent(self, webhook: Webhook, secret: bytes, message: Message) -> str:
        """What went wrong; '' where nothing did."""
        try:
            send(webhook.url, secret, message.id, message.body, time.time())
        except Unreachable as error:
            return str(error) or type(error).__name__
        return ""


def pause(attempts: int) -> float:
    """Seconds until the next attempt, after so many in vain before this one: not the same for all who wait."""
    return min(LONGEST, FIRST * 2.0 ** min(attempts, 30)) * random.uniform(0.5, 1.0)
