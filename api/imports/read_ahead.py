"""Reads ahead: the next file is read, inflated and parsed while the database stores this one.

A thread does this for a few files, a process for many, so that reading and storing use two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

MANY = 20
"""The number of files from which starting a process pays."""
MUCH = 4 * 1024 * 1024
"""Bytes of a request body from which a process reads it. Reading less holds the event loop up for milliseconds."""


def read_ahead(files: int) -> Executor:
    """An executor of one worker."""
    if files < MANY:
        return ThreadPoolExecutor(1)
    return reading_apart()


def reading_apart() -> Executor:
    """An executor of one process."""
    executor = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare)
    with _ignoring_interrupts():
        # The process starts with the first task and inherits ignored signals: the parent handles Ctrl-C.
        executor.submit(int)
    return executor


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _prepare() -> None:
    """Ends the process when its parent is killed."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
