"""What a server has of one database: it follows the log in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import psycopg

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.decisions import Decisions
from erstwhile.api.asking.long_questions.long_questions import LongQuestions
from erstwhile.api.asking.long_questions.question import Ground
from erstwhile.api.asking.present import SILENT, Present
from erstwhile.api.background.background import Background
from erstwhile.api.commanding.read_your_writes import ReadYourWrites
from erstwhile.api.database.database import Database
from erstwhile.api.database.shared_head import SharedHead
from erstwhile.api.runtime.aside import Aside
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.api.runtime.indexing import TrailIndexThread
from erstwhile.api.runtime.projecting import ProjectorThread
from erstwhile.api.runtime.room import make_rooms
from erstwhile.api.runtime.runtime import DirectoryAt, Runtime
from erstwhile.api.runtime.watching import WatchThread
from erstwhile.domain.events import BareEvent
from erstwhile.domain.policy.knowledge import rcp_services
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.columns.making import make_elsewhere
from erstwhile.projections.current import CurrentDirectory
from erstwhile.projections.followed_ground import FollowedGround

log = logging.getLogger("erstwhile")


class FollowingRuntime(Runtime):
    """Of a server: it follows the log from its start on, in memory and in the read models.

    `current`: the Directory of now; `present`: that, with its clock; `applied`: waits for what was written;
    `background`: the threads that work in rounds; `long_questions`: the processes beside it, if there are any.
    """

    _patience = 16_384

    def __init__(self, database: Database, names: Names | None = None, long_questions: int = 0) -> None:
        """Returns once the Directory is where the log is. `long_questions`: how many of them may be answered at once by
        processes of their own; 0: this process answers them."""
        self.background = Background()
        super().__init__(database, names)
        self.long_questions = self._processes(long_questions) if long_questions else None
        try:
            self._follow()
        except BaseException:
            self.close()
            raise

    def _aside(self) -> Callable[[Callable[[], None]], None]:
        self._beside = aside = Aside()
        self._parts.callback(aside.close)
        return aside

    def read_ahead(self, *more: Callable[[], None]) -> None:
        """Beside all else, makes what the first question would have to make, and reads what the first about the past
        would have to read: once callers are heard. `more`: what is to be done as well, in the same way."""
        self._beside(partial(make_rooms, self))
        for work in more:
            self._beside(work)
        self._beside(self._read_ahead)

    def _read_ahead(self) -> None:
        try:
            with self.connection() as connection:
                position = checkpoint(connection)
                self.history.past.read_ahead(position)
                self.history.coverage.read(connection, position)
        except psycopg.Error as error:
            log.warning("what is not known could not be read ahead: %s", error)

    def _elsewhere(self) -> Callable[[Path, int], None]:
        return partial(make_elsewhere, self.database.dsn)

    def _processes(self, most: int) -> LongQuestions:
        folder, names = self.database.columns, self.names
        ground = Ground(
            dsn=self.database.dsn, columns=None if folder is None else str(folder), account=names.account,
            partition=names.partition, templates=names.templates, rcp_services=rcp_services.in_force(),
        )  # fmt: skip
        processes = LongQuestions(ground, most)
        self._parts.callback(processes.close)
        return processes

    def _long_questions(self) -> LongQuestions | None:
        return self.long_questions

    def _follow(self) -> None:
        database = self.database
        clock_watch = ClockWatch(database.connect_writer, self.names.account)
        self.projecting = ProjectorThread(
            self.projector, clock_watch, database.event_log, lambda: self.current.position
        )
        self._parts.callback(self.projecting.close)
        self.background.add(self.projecting)
        self.projecting.catch_up()
        shared = database.shared_head
        acknowledged = shared.read() if shared is not None else 0
        self.current = CurrentDirectory(
            database.connect, database.event_log, self.columns.history, lambda: self.commands.backend
        )
        self._parts.callback(self.current.close)
        if shared is not None:
            shared.correct(acknowledged, self.current.position)
            self.history.followed = FollowedGround(partial(self._heard_of, shared))
        self.applied = ReadYourWrites(database, self.current)
        self.present = Present(self.current, self.history)
        self.decisions = Decisions(self.present)
        self.indexing = TrailIndexThread(self.trail_index, self.connection, lambda: self.current.position)
        self._parts.callback(self.indexing.close)
        self.background.add(self.indexing)
        self.watching = WatchThread(self.watch_keeper, self.history, lambda: self.current.position)
        self._parts.callback(self.watching.close)
        self.background.add(self.watching)
        self.current.start()
        self.projecting.start()
        self.watching.start()
        self.indexing.start()

    def _heard_of(self, shared: SharedHead) -> int:
        """How far the log is, as far as anybody has been told; 0 where this process is not there, or may not be."""
        acknowledged, position = shared.read(), self.current.position
        return position if acknowledged <= position and self.current.silent_for() <= SILENT else 0

    def _publish(self) -> Callable[[list[BareEvent]], None]:
        return lambda events: self.current.offer(events)

    def directory(self, as_of: str | None = None, known_at: str | None = None) -> AbstractContextManager[DirectoryAt]:
        return self.present.directory(as_of, known_at)
