"""Importing resources with their tags and policies: as commands of a governed account, or as an observed listing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec
import orjson

from erstwhile.api.applications.names import Names
from erstwhile.api.applications.registration import MalformedResource, registration
from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.process_writer import Commands
from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.imports.files import ImportRefused, SourceFile, no_file, read_file
from erstwhile.api.imports.summary import Summary
from erstwhile.domain.commands.resources import RegisterResource
from erstwhile.domain.events import Actor
from erstwhile.domain.vocabulary.refusals import Refusal

_IN_FLIGHT = 256
_CALLER = Provenance(Actor(type="CommandLine"), action="erstwhile:RegisterResource")


class Listed(msgspec.Struct, frozen=True):
    """A file's resources, all of them well-formed."""

    source: SourceFile
    commands: tuple[RegisterResource, ...]


def read_resources(names: Names, path: Path, max_bytes: int) -> Listed:
    """A list of objects, or one object a line. Raises ImportRefused with the place of what is wrong."""
    if not path.is_file():
        raise ImportRefused(no_file(path))
    sources = list(read_file(path, max_bytes))
    if len(sources) != 1:
        raise ImportRefused(f"{path} holds {len(sources)} files: expected one file of resources")
    [source] = sources
    found = []
    for place, text in _items(source):
        try:
            found.append(registration(names, orjson.loads(text)))
        except orjson.JSONDecodeError as error:
            raise ImportRefused(f"{path}, {place}: not JSON: {error}") from None
        except MalformedResource as error:
            raise ImportRefused(f"{path}, {place}: {error}") from None
    if not found:
        raise ImportRefused(f"{path} holds no resources")
    return Listed(source, tuple(found))


def _items(source: SourceFile) -> list[tuple[str, bytes]]:
    """(place, JSON) of each resource."""
    try:
        whole = orjson.loads(source.data)
    except orjson.JSONDecodeError:
        lines = source.data.splitlines()
        return [(f"line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]
    items = whole if isinstance(whole, list) else [whole]
    return [(f"item {number}", orjson.dumps(item)) for number, item in enumerate(items, 1)]


def register_all(
    commands: Commands, wanted: Sequence[RegisterResource], progress: Callable[[int, int], None]
) -> Summary:
    """Registers each resource; one that is refused is named. Repeating it changes nothing."""
    summary = Summary(files=1, records=len(wanted))
    waiting: deque[tuple[RegisterResource, Future[Committed]]] = deque()

    def take() -> None:
        command, future = waiting.popleft()
        try:
            done = future.result()
        except Refusal as refusal:
            summary.refused.append(f"{command.resource}: {refusal.whole}")
            summary.not_translated += 1
            return
        summary.position = max(summary.position, done.position)
        if done.events:
            summary.changes += 1
            summary.change_operations["RegisterResource"] += 1
        else:
            summary.duplicates += 1

    for number, command in enumerate(wanted, 1):
        waiting.append((command, commands.submit(command, _CALLER)))
        if len(waiting) >= _IN_FLIGHT:
            take()
        progress(number, len(wanted))
    while waiting:
        take()
    return summary
