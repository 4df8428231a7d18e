"""Commands: the writer of this process, started with its first command."""

from __future__ import annotations

import threading
from collections.abc import Callable

from erstwhile.api.commanding.completion import Completion
from erstwhile.api.commanding.provenance import Provenance, SideStatement
from erstwhile.api.commanding.submitting import Submitting
from erstwhile.api.commanding.writer import CommandWriter
from erstwhile.api.database.database import Database
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.resources import RegisterResource
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import BareEvent
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.refusals import AccountAlreadyRegistered
from erstwhile.projections.boot import Columns, boot_or_fold


class Commands(Submitting):
    """Takes commands for governed accounts. An account that the log does not know becomes governed by its first one,
    but not by a resource that is registered: its ARN may name any account, and imports into a governed one are
    refused for good."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        publish: Callable[[list[BareEvent]], None] = lambda _events: None,
        own_account: str = "",
    ) -> None:
        """`publish` is called with the appended events, on the writer's thread. `own_account`: the one that is this
        service's from the beginning, whose resources may be registered."""
        self._database = database
        self._columns = columns
        self._publish = publish
        self._own_account = own_account
        self._writer: CommandWriter | None = None
        self._starting = threading.Lock()
        self._governed: set[str] = set()

    def _started(self) -> CommandWriter:
        with self._starting:
            if self._writer is None:
                with self._database.connect() as connection:
                    engine, position = boot_or_fold(connection, self._columns)
                    log = EventLog.within(connection)
                    top = log.head()
                    engine.apply_all(list(log.read_after(position, top, engine.set_apart)))
                    engine.directory.position = top
                self._writer = CommandWriter(
                    self._database.connect_writer,
                    engine.directory,
                    acknowledge=self._database.acknowledge,
                    publish=self._publish,
                )
                self._writer.start()
            return self._writer

    @property
    def backend(self) -> int:
        """The database's backend that appends for this process; 0 while there is none."""
        return self._writer.backend if self._writer is not None else 0

    def is_ready(self, account: str) -> bool:
        """Whether a command of the account is taken at once, without a wait."""
        return self._writer is not None and account in self._governed

    def submit_to(
        self,
        completion: Completion,
        command: Command,
        caller: Provenance | None = None,
        beside: SideStatement | None = None,
    ) -> None:
        writer = self._started()
        if (
            command.account not in self._governed
            and command.account != OWN
            and not isinstance(command, RegisterAccount)
            and not (isinstance(command, RegisterResource) and command.account != self._own_account)
        ):
            try:
                if writer.mode(command.account) is None:
                    writer.execute(RegisterAccount(account=command.account), caller)
            except AccountAlreadyRegistered:
                # Another process was faster; the command is decided by what that made of the account.
                pass
            self._governed.add(command.account)
        writer.submit_to(completion, command, caller, beside)

    def close(self) -> None:
        """Finishes what was submitted."""
        if self._writer is not None:
            self._writer.close()
