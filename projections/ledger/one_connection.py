"""What keeps a tree has one connection, which is opened when it is first needed, and again after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from erstwhile.projections.sql import Connection


class OneConnection:
    """Any thread may use it, one at a time."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._busy = threading.Lock()

    def close(self) -> None:
        with self._busy:
            self._close()

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        """The connection, for one thread. Whatever fails with it closes it."""
        with self._busy:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                yield self._connection
            except BaseException:
                self._close()
                raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
