"""Handlers whose modules are imported with the first call, or beside all else once the server answers: to import all of
them takes longer than all else that a server does before it listens."""

from __future__ import annotations

import asyncio
import pkgutil
from importlib import import_module

from aiohttp import web

from erstwhile.api.http import native
from erstwhile.api.http.errors import Handler


class LateHandler:
    """A handler that is known by its module and its name there."""

    def __init__(self, module: str, name: str) -> None:
        self._place = module, name
        self._handler: Handler | None = None

    def load(self) -> Handler:
        """The handler itself. Raises AttributeError where the module has none of that name."""
        module, name = self._place
        handler: Handler = getattr(import_module(module), name)
        return handler

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if self._handler is None:
            self._handler = await asyncio.to_thread(self.load)
        return await self._handler(request)


class LateHandlers:
    """The handlers of one module of `native`, each as an attribute. A test loads each that a route names."""

    def __init__(self, module: str) -> None:
        self._module = f"{native.__name__}.{module}"

    def __getattr__(self, name: str) -> LateHandler:
        return LateHandler(self._module, name)


def import_handlers() -> None:
    """Imports all modules of `native`."""
    for module in pkgutil.iter_modules(native.__path__):
        import_module(f"{native.__name__}.{module.name}")
