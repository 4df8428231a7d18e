"""A witness over HTTP: `POST /add-checkpoint` (C2SP tlog-witness)."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from erstwhile.api.ledger.witness import Witness
from erstwhile.domain.ledger.notes import MalformedNote
from erstwhile.domain.ledger.witnessing import Refused, parse_add_checkpoint

log = logging.getLogger("erstwhile.witness")

LARGEST = 256 * 1024
"""Bytes of a request: 63 hashes, and a checkpoint with dozens of signatures."""


def make_app(witness: Witness) -> web.Application:
    """No request is authenticated beyond the log's signature, as the specification says."""

    async def add_checkpoint(request: web.Request) -> web.Response:
        try:
            body = await request.read()
            cosigned = await asyncio.to_thread(lambda: witness.add(parse_add_checkpoint(body)))
        except MalformedNote as error:
            return web.Response(status=400, text=f"{error}\n")
        except Refused as refused:
            if refused.status in (409, 422):
                log.warning("not cosigned: %s", refused)
            if refused.size is not None:
                return web.Response(
                    status=refused.status, body=f"{refused.size}\n".encode(), content_type="text/x.tlog.size"
                )
            return web.Response(status=refused.status, text=f"{refused}\n")
        except OSError as error:
            log.error("not cosigned: what was seen cannot be kept: %s", error)
            return web.Response(status=503, text="the witness cannot keep what it sees\n")
        return web.Response(text=cosigned)

    async def keys(_request: web.Request) -> web.Response:
        return web.Response(text="".join(f"{key}\n" for key in witness.keys))

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/add-checkpoint", add_checkpoint)
    app.router.add_get("/keys", keys)
    return app
