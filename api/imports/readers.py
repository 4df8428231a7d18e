"""Reading ahead: the next file is read, inflated and understood while the database stores this one.

A thread does for a few files; for many a process of its own, so that reading and storing use two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

MANY = 20
"""Files from which a process is worth its start."""


def read_ahead(files: int) -> Executor:
    """An executor of one worker."""
    if files < MANY:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare)


def _prepare() -> None:
    """Ctrl-C is the parent's to handle; when the parent is killed, nobody is left to read for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
