"""Which accounts an import may change: observed ones only. The first import of an account makes it observed."""

from __future__ import annotations

import uuid

from erstwhile.api.imports.files import ImportRefused
from erstwhile.domain.event_log.append_condition import Condition, QueryItem
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import TYPE_NAMES
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.vocabulary.slots import account_slot
from erstwhile.projections.sql import Connection

TAKEN_OVER = "its account came under government meanwhile; nothing was imported"


class Governed(ImportRefused):
    """an account that commands change"""


_REGISTERED = TYPE_NAMES[AccountRegistered]


class ImportAccounts:
    """The modes of the accounts that an import meets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._observed: set[str] = set()

    def require_observed(self, account: str, partition: str = "aws") -> None:
        """Registers a new account as observed. Raises Governed."""
        if account in self._observed:
            return
        while True:
            position = EventLog.within(self._connection).head()
            registered = [
                event.body
                for event in EventLog.within(self._connection).read_tagged([account_slot(account).text], position)
                if isinstance(event.body, AccountRegistered)
            ]
            if registered:
                if registered[0].mode == "governed":
                    raise Governed(
                        f"account {account} is governed here: commands change it, imports into it are refused"
                    )
                break
            event = NewEvent(
                event_id=str(uuid.uuid4()),
                account=account,
                body=AccountRegistered(mode="observed", partition=partition),
                source="import",
            )
            condition = Condition((QueryItem((_REGISTERED,), (account_slot(account).text,)),), position)
            with self._connection.transaction():
                [appended] = EventLog.within(self._connection).append_batch([Append((event,), condition)])
            if appended is not None:
                break
        self._observed.add(account)

    def unchanged(self, accounts: set[str], position: int) -> Condition:
        """The condition of an import's append: none of the accounts became governed meanwhile."""
        return Condition(tuple(QueryItem((_REGISTERED,), (account_slot(a).text,)) for a in sorted(accounts)), position)
