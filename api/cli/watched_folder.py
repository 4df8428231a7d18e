"""`erstwhile import cloudtrail --watch`: a folder that keeps filling."""

from __future__ import annotations

import time
from pathlib import Path

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.importing import project
from erstwhile.api.cli.render import labelled
from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.files import files_in
from erstwhile.api.runtime.runtime import ReadingRuntime

_SECONDS = 2.0
"""Between two looks."""
State = tuple[int, int]
"""The size of a file, and when it was last written to."""


def state_of(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:
        return None  # it has gone again
    return found.st_size, found.st_mtime_ns


def watch_folder(
    importer: CloudTrailImporter, folder: Path, taken: dict[Path, State | None], runtime: ReadingRuntime
) -> None:
    """`taken`: files that were imported, with their states before that."""
    err.print(f"watching {err.text(str(folder))}; Ctrl-C ends it")
    last: dict[Path, State | None] = {}
    try:
        while True:
            time.sleep(_SECONDS)
            now = {path: state_of(path) for path in files_in(folder)}
            # A file is taken when nobody writes to it any more, and again when somebody wrote to it after all: who
            # writes slowly pauses. What is known already is not taken twice.
            ready = [path for path, state in now.items() if state and state == last.get(path) != taken.get(path)]
            last = now
            if ready:
                taken.update({path: now[path] for path in ready})
                summary = importer.import_files(ready)
                project(runtime)
                out.print(
                    f"{counted(summary.files, 'file')}: {counted(summary.records, 'record')}, "
                    f"{counted(summary.changes, 'change')}, {summary.failed} failed, {summary.duplicates} known already"
                )
                for text in summary.odd:
                    labelled(err, "bold red", "could not be read", text)
                for text in summary.refused:
                    labelled(err, "bold red", "refused", text)
    except KeyboardInterrupt:
        err.print("stopped watching; everything imported is kept")
