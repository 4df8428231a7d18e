"""Takes what comes next of an iterator while something else is done."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """The source is asked by one thread at a time: by another one from `go_on` until what it found is taken. A context
    manager, whose end waits for that thread."""

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._pool: ThreadPoolExecutor | None = None
        self._coming: Future[T | None] | None = None

    def go_on(self) -> None:
        """Begins to look for the next."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1)
        if self._coming is None:
            # Traces of what is asked there belong to the question that is answered here.
            self._coming = self._pool.submit(copy_context().run, self._next)

    def _next(self) -> T | None:
        return next(self._source, None)

    def take(self) -> T | None:
        """The next; None after the last. Raises what the source raises."""
        coming, self._coming = self._coming, None
        return self._next() if coming is None else coming.result()

    def __enter__(self) -> Ahead[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
