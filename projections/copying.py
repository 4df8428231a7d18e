"""COPY on a thread of its own: while the database stores one batch, the next is being folded."""

from __future__ import annotations

import queue
import threading

from projections.sql import Connection, copy_lines


class BackgroundCopy:
    """Takes batches of COPY lines in order. Nobody else may use the connection until `drain` returns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._queue: queue.Queue[tuple[str, list[str]] | None] = queue.Queue(maxsize=2)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="copy", daemon=True)
        self._thread.start()

    def put(self, target: str, lines: list[str]) -> None:
        """Queues a batch; waits while two are waiting. Raises what an earlier batch failed with."""
        self._raise()
        self._queue.put((target, lines))

    def drain(self) -> None:
        """Waits until all is stored. Raises what a batch failed with."""
        self._queue.join()
        self._raise()

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            try:
                if self._failure is None:
                    copy_lines(self._connection, *batch)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                self._failure = error
            finally:
                self._queue.task_done()
