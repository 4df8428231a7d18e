"""GET /metrics: the numbers of all processes of this server, for Prometheus."""

from __future__ import annotations

import psycopg
from aiohttp import web

from erstwhile.api.http.app_keys import CHECKING, RUNTIME, SIBLINGS
from erstwhile.api.problems import Problem
from erstwhile.api.serving.families import Family, gauge, merged, of_worker


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics"""
    # Here, and not above: a server that nobody asks for its numbers need not load what writes them.
    from erstwhile.api.serving.exposition import CONTENT_TYPE, exposition

    runtime = request.app[RUNTIME]

    def ask() -> list[Family]:
        from erstwhile.api.serving.database_metrics import database_families

        with runtime.connection() as connection:
            return list(database_families(connection))

    try:
        common, answers = await request.app[CHECKING].run(ask), 1.0
    except (psycopg.Error, Problem):
        common, answers = [], 0.0  # the numbers of the processes are wanted most when the database is away
    found = [gauge("erstwhile_database_up", "1 where the database answered this request.", [({}, answers)]), *common]
    for number, families in (await request.app[SIBLINGS].all()).items():
        found += [of_worker(family, number) for family in families]
    return web.Response(body=exposition(merged(found)), headers={"Content-Type": CONTENT_TYPE})
