"""What a process has of one database; a command reads history's rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.history import History
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.room import room
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import BareEvent
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.index import TrailIndex

if TYPE_CHECKING:
    from erstwhile.api.asking.attesting.questions import Attesting
    from erstwhile.api.asking.incident.incidents import Incidents
    from erstwhile.api.asking.long_questions.long_questions import LongQuestions
    from erstwhile.api.asking.lookups import Lookups
    from erstwhile.api.asking.over_time.over_time import OverTime
    from erstwhile.api.asking.questions import Questions
    from erstwhile.api.asking.reaching import Reaching
    from erstwhile.api.asking.reviewing.approvals import ApprovalQuestions
    from erstwhile.api.asking.reviewing.exceptions import ExceptionQuestions
    from erstwhile.api.asking.reviewing.reviews import Reviews
    from erstwhile.api.asking.several import SeveralQuestions
    from erstwhile.api.asking.watching.watches import Watches
    from erstwhile.api.commanding.process_writer import Commands
    from erstwhile.api.reports.gathering import Reports
    from erstwhile.projections.watches.keeper import WatchKeeper

DirectoryAt = tuple[Directory, ContextValues]
"""A Directory, and the condition keys of its clock."""


class Runtime(ABC):
    """Connections, history and its questions, and commands. The caller closes it, and the database after it."""

    _patience = 1_024
    """Events that a question about the trail reads into its index: for a command, which does that once, to look at all
    is cheaper where more are missing."""

    def __init__(self, database: Database, names: Names | None = None) -> None:
        self.database = database
        self.names = names or Names()
        self._parts = ExitStack()
        """What is closed at the end, the last that was opened first."""
        self._pool = database.pool(size=8)
        self._parts.callback(self._pool.close)
        self.columns = ColumnStore(database.connect, database.columns, self._aside(), self._elsewhere())
        self._parts.callback(self.columns.close)
        self.trail_index = TrailIndex(database.columns, self._patience)
        self.projector = Projector(database.connect, self.columns.history)
        self._parts.callback(self.projector.close)
        self.history = History(self.connection, Past(self.columns), self.projector)

    @room
    def commands(self) -> Commands:
        from erstwhile.api.commanding.process_writer import Commands

        commands = Commands(self.database, self.columns.history, self._publish(), self.names.account)
        self._parts.callback(commands.close)
        return commands

    @room
    def questions(self) -> Questions:
        from erstwhile.api.asking.questions import Questions

        return Questions(self.history, self.names)

    @room
    def several(self) -> SeveralQuestions:
        from erstwhile.api.asking.several import SeveralQuestions

        return SeveralQuestions(self.history, self.questions, self.names)

    @room
    def lookups(self) -> Lookups:
        from erstwhile.api.asking.lookups import Lookups

        return Lookups(self.history, self.trail_index)

    @room
    def reaching(self) -> Reaching:
        from erstwhile.api.asking.reaching import Reaching

        return Reaching(self.history, self.questions)

    @room
    def over_time(self) -> OverTime:
        from erstwhile.api.asking.over_time.over_time import OverTime

        return OverTime(self.history, self.names, self._long_questions())

    @room
    def incidents(self) -> Incidents:
        from erstwhile.api.asking.incident.incidents import Incidents

        return Incidents(self.history, self.names)

    @room
    def attesting(self) -> Attesting:
        from erstwhile.api.asking.attesting.questions import Attesting

        return Attesting(self.history, self.names)

    @room
    def reports(self) -> Reports:
        from erstwhile.api.reports.gathering import Reports

        return Reports(self.history, self.names)

    @room
    def reviews(self) -> Reviews:
        from erstwhile.api.asking.reviewing.reviews import Reviews

        return Reviews(self.history, self.names)

    @room
    def approvals(self) -> ApprovalQuestions:
        from erstwhile.api.asking.reviewing.approvals import ApprovalQuestions

        return ApprovalQuestions(self.history, self.names)

    @room
    def exceptions(self) -> ExceptionQuestions:
        from erstwhile.api.asking.reviewing.exceptions import ExceptionQuestions

        return ExceptionQuestions(self.history)

    @room
    def watches(self) -> Watches:
        from erstwhile.api.asking.watching.watches import Watches

        return Watches(self.history, self.names, self.watch_keeper)

    @room
    def watch_keeper(self) -> WatchKeeper:
        from erstwhile.projections.watches.keeper import WatchKeeper

        keeper = WatchKeeper(self.database.connect, self.columns.history)
        self._parts.callback(keeper.close)
        return keeper

    def _aside(self) -> Callable[[Callable[[], None]], None]:
        """How history's columns are made anew: a command does it at once."""
        return lambda work: work()

    def _elsewhere(self) -> Callable[[Path, int], None]:
        """Which other process makes their file: for a command, none does."""
        return lambda folder, after: None

    def _long_questions(self) -> LongQuestions | None:
        """What answers questions that compute for seconds: of a command, it does itself."""
        return None

    def _publish(self) -> Callable[[list[BareEvent]], None]:
        """Who takes what commands of this process appended: nobody."""
        return lambda events: None

    def close(self) -> None:
        """Ends its threads and connections."""
        self._parts.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of the pool. Raises psycopg.OperationalError, PoolTimeout."""
        with self._pool.connection() as connection:
            yield connection

    def pool_stats(self) -> dict[str, int]:
        """What the pool counts of its connections, by psycopg_pool's names."""
        return self._pool.get_stats()

    @abstractmethod
    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        """The Directory of a moment; now where none is given. Raises Problem."""

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that was never heard of."""
        with self.directory() as (directory, _):
            return directory.mode(account)


class ReadingRuntime(Runtime):
    """Of a command: each question reads history's rows, which it projects first where they are behind."""

    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        return self.history.directory(as_of, known_at)
