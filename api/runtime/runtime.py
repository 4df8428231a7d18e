"""What a process has of one database: a server follows the log in memory, a command reads history's rows."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.attesting.questions import Attesting
from erstwhile.api.asking.decisions import Decisions
from erstwhile.api.asking.history import History
from erstwhile.api.asking.incident.incidents import Incidents
from erstwhile.api.asking.lookups import Lookups
from erstwhile.api.asking.over_time.over_time import OverTime
from erstwhile.api.asking.present import Present
from erstwhile.api.asking.questions import Questions
from erstwhile.api.asking.reaching import Reaching
from erstwhile.api.asking.reviewing.approvals import ApprovalQuestions
from erstwhile.api.asking.reviewing.exceptions import ExceptionQuestions
from erstwhile.api.asking.reviewing.reviews import Reviews
from erstwhile.api.asking.several import SeveralQuestions
from erstwhile.api.asking.watching.watches import Watches
from erstwhile.api.commanding.process_writer import Commands
from erstwhile.api.commanding.read_your_writes import ReadYourWrites
from erstwhile.api.database.database import Database
from erstwhile.api.reports.gathering import Reports
from erstwhile.api.runtime.aside import Aside
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.api.runtime.projecting import ProjectorThread
from erstwhile.api.runtime.watching import WatchThread
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.columns.making import make_elsewhere
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.current import CurrentDirectory
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches.keeper import WatchKeeper

log = logging.getLogger("erstwhile")

DirectoryAt = tuple[Directory, ContextValues]
"""A Directory, and the condition keys of its clock."""


class Runtime(ABC):
    """Connections, history and its questions, and commands. The caller closes it, and the database after it."""

    commands: Commands

    def __init__(self, database: Database, names: Names | None = None) -> None:
        self.database = database
        self.names = names or Names()
        self._parts = ExitStack()
        """What is closed at the end, the last that was opened first."""
        self._pool = database.pool(size=8)
        self._parts.callback(self._pool.close)
        self.columns = ColumnStore(database.connect, database.columns, self._aside(), self._elsewhere())
        self._parts.callback(self.columns.close)
        self.projector = Projector(database.connect, self.columns.history)
        self._parts.callback(self.projector.close)
        self.history = History(self.connection, Past(self.columns), self.projector)
        self.questions = Questions(self.history, self.names)
        self.several = SeveralQuestions(self.history, self.questions, self.names)
        self.lookups = Lookups(self.history)
        self.reaching = Reaching(self.history, self.questions)
        self.over_time = OverTime(self.history, self.names)
        self.incidents = Incidents(self.history, self.names)
        self.attesting = Attesting(self.history, self.names)
        self.reports = Reports(self.history, self.names)
        self.watch_keeper = WatchKeeper(database.connect, self.columns.history)
        self._parts.callback(self.watch_keeper.close)
        self.reviews = Reviews(self.history, self.names)
        self.approvals = ApprovalQuestions(self.history, self.names)
        self.exceptions = ExceptionQuestions(self.history)
        self.watches = Watches(self.history, self.names, self.watch_keeper)

    def _aside(self) -> Callable[[Callable[[], None]], None]:
        """How history's columns are made anew: a command does it at once."""
        return lambda work: work()

    def _elsewhere(self) -> Callable[[Path, int], None]:
        """Which other process makes their file: for a command, none does."""
        return lambda folder, after: None

    def close(self) -> None:
        """Ends its threads and connections."""
        self._parts.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of the pool. Raises psycopg.OperationalError, PoolTimeout."""
        with self._pool.connection() as connection:
            yield connection

    @abstractmethod
    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        """The Directory of a moment; now where none is given. Raises Problem."""

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that was never heard of."""
        with self.directory() as (directory, _):
            return directory.mode(account)


class ReadingRuntime(Runtime):
    """Of a command: each question reads history's rows, which it projects first where they are behind."""

    def __init__(self, database: Database, names: Names | None = None) -> None:
        super().__init__(database, names)
        self.commands = Commands(database, self.columns.history)
        self._parts.callback(self.commands.close)

    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        return self.history.directory(as_of, known_at)


class FollowingRuntime(Runtime):
    """Of a server: it follows the log from its start on, in memory and in the read models.

    `current`: the Directory of now; `present`: that, with its clock; `applied`: waits for what was written.
    """

    def __init__(self, database: Database, names: Names | None = None) -> None:
        """Returns once the Directory is where the log is."""
        super().__init__(database, names)
        try:
            self._follow()
        except BaseException:
            self.close()
            raise

    def _aside(self) -> Callable[[Callable[[], None]], None]:
        self._beside = aside = Aside()
        self._parts.callback(aside.close)
        return aside

    def read_ahead(self) -> None:
        """Reads beside all else what the first question about the past would have to read: once callers are heard."""
        self._beside(self._read_ahead)

    def _read_ahead(self) -> None:
        try:
            with self.connection() as connection:
                self.history.coverage.read(connection, checkpoint(connection))
        except psycopg.Error as error:
            log.warning("what is not known could not be read ahead: %s", error)

    def _elsewhere(self) -> Callable[[Path, int], None]:
        return partial(make_elsewhere, self.database.dsn)

    def _follow(self) -> None:
        database = self.database
        clock_watch = ClockWatch(database.connect_writer, self.names.account)
        self.projecting = ProjectorThread(
            self.projector, clock_watch, database.event_log, lambda: self.current.position
        )
        self._parts.callback(self.projecting.close)
        self.projecting.catch_up()
        shared = database.shared_head
        acknowledged = shared.read() if shared is not None else 0
        # Commands and Directory know of each other: neither does until the first command.
        self.commands = Commands(database, self.columns.history, lambda events: self.current.offer(events))
        self.current = CurrentDirectory(
            database.connect, database.event_log, self.columns.history, lambda: self.commands.backend
        )
        self._parts.callback(self.current.close)
        self._parts.callback(self.commands.close)
        if shared is not None:
            shared.correct(acknowledged, self.current.position)
        self.applied = ReadYourWrites(database, self.current)
        self.present = Present(self.current, self.history)
        self.decisions = Decisions(self.present)
        self.watching = WatchThread(self.watch_keeper, self.history, lambda: self.current.position)
        self._parts.callback(self.watching.close)
        self.current.start()
        self.projecting.start()
        self.watching.start()

    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        return self.present.directory(as_of, known_at)
