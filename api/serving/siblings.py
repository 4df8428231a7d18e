"""The workers of one server tell each other their numbers, so that any of them can answer for all.

Each listens on a socket of the file system, in a folder that only this user may enter. Whoever connects gets the
families of the process as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import msgspec

from erstwhile.api.serving.families import Family
from erstwhile.api.serving.worker import WorkerPlace
from erstwhile.domain.vocabulary.typed import decoder

log = logging.getLogger("erstwhile.workers")

_PATIENCE = 2.0
"""Seconds that another worker has to answer: it may have just ended, or compute."""
_decode = decoder(list[Family]).decode


class Siblings:
    """`told`: what this process tells of itself."""

    def __init__(self, place: WorkerPlace | None, told: Callable[[], list[Family]]) -> None:
        """`place`: None for the only process of a server."""
        self._place = place
        self._told = told

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Answers the others for the block."""
        if self._place is None:
            yield
            return
        path = self._place.socket_of(self._place.number)
        path.unlink(missing_ok=True)  # of the process that had this place before
        server = await asyncio.start_unix_server(self._answer, path)
        try:
            yield
        finally:
            server.close()

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(msgspec.json.encode(self._told()))
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def all(self) -> dict[str, list[Family]]:
        """What each worker tells, by its number. One that does not answer is left out."""
        if self._place is None:
            return {"0": self._told()}
        numbers = [number for number in range(self._place.count) if number != self._place.number]
        found = await asyncio.gather(*(self._ask(number) for number in numbers))
        others = {str(number): told for number, told in zip(numbers, found, strict=True) if told is not None}
        return dict(sorted((others | {str(self._place.number): self._told()}).items()))

    async def _ask(self, number: int) -> list[Family] | None:
        assert self._place is not None
        try:
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_unix_connection(self._place.socket_of(number))
                try:
                    return _decode(await reader.read())
                finally:
                    writer.close()
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("worker %s tells no metrics: %s", number, error or type(error).__name__)
            return None
