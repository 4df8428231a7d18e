"""Processor time of other processes, as the kernel counts it: what a request costs, however busy the machine is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process: int) -> float:
    """Processor time that a process has taken, in user and system mode."""
    return sum(map(int, _fields(process)[11:13])) / _TICKS


def of_database(home: Path) -> float:
    """Processor time that the embedded database of a home has taken, in all of its processes, also those that ended."""
    postmaster = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    return sum(map(int, _fields(postmaster)[11:15])) / _TICKS + sum(map(cpu_seconds, _children(postmaster)))


def of_recording(server: int) -> float:
    """Processor time that the process which records a server's decisions has taken."""
    return sum(map(cpu_seconds, recording(server)))


def recording(server: int) -> list[int]:
    """The process which records a server's decisions; none before the first."""
    return [each for each in _children(server) if b"decision_log" in _command(each)]


def _command(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _children(process: int) -> Iterable[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended
            if int(_fields(int(folder.name))[1]) == process:
                yield int(folder.name)


def _fields(process: int) -> list[str]:
    """Of /proc/PID/stat, from the state on (proc_pid_stat(5): utime, stime, cutime and cstime are 11 to 14 here)."""
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
