"""The ledger: /v1/ledger, whose checkpoint, tiles and entries any reader of C2SP tlog-tiles understands."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

import msgspec
from aiohttp import web

from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.http.native.parameters import CONTEXT, path_word, query_parameters, request_context, required
from erstwhile.api.ledger.answers import basis_of, prove_answer
from erstwhile.api.problems import bad_request, not_found
from erstwhile.domain.ledger.answer_file import ProvenAnswer
from erstwhile.domain.ledger.checkpoints import LARGEST
from erstwhile.domain.ledger.tiles import parse_path
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.ledger import proving
from erstwhile.projections.ledger.keeper import latest, signed_with
from erstwhile.projections.ledger.tiles import DECISIONS, LOG, Tree
from erstwhile.projections.sql import Connection

T = TypeVar("T")
_HIGHEST = 63
"""Of the levels of tiles."""
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


async def checkpoint(request: web.Request) -> web.Response:
    """GET /v1/ledger/checkpoint"""
    return await _checkpoint(request, LOG)


async def decisions_checkpoint(request: web.Request) -> web.Response:
    """GET /v1/ledger/decisions/checkpoint"""
    return await _checkpoint(request, DECISIONS)


async def _checkpoint(request: web.Request, tree: Tree) -> web.Response:
    query_parameters(request)
    note = await _read(request, lambda connection: latest(connection, tree))
    if note is None:
        what = "an event" if tree is LOG else "a decision"
        raise not_found("nothing_signed", f"no checkpoint was signed yet: a server signs a second after {what}")
    return web.Response(text=str(note), content_type="text/plain", headers={"Cache-Control": "no-store"})


async def tile(request: web.Request) -> web.Response:
    """GET /v1/ledger/tile/{level}/{tile}"""
    return await _tile(request, LOG)


async def decisions_tile(request: web.Request) -> web.Response:
    """GET /v1/ledger/decisions/tile/{level}/{tile}"""
    return await _tile(request, DECISIONS)


async def _tile(request: web.Request, tree: Tree) -> web.Response:
    query_parameters(request)
    level, (number, width) = parse_number(path_word(request, "level"), 0, _HIGHEST), _place(request)
    if level is None:
        raise bad_request("malformed_level", f"the level of a tile is a number from 0 to {_HIGHEST}")
    return _bytes(await _read(request, lambda connection: proving.tile(connection, level, number, width, tree)))


async def entries(request: web.Request) -> web.Response:
    """GET /v1/ledger/tile/entries/{tile}"""
    query_parameters(request)
    number, width = _place(request)
    return _bytes(await _read(request, lambda connection: proving.entry_bundle(connection, number, width)))


async def receipt(request: web.Request) -> web.Response:
    """GET /v1/ledger/receipts/{position}"""
    query_parameters(request)
    position = _number(path_word(request, "position"), "position", 1)
    found = await _proven(request, lambda connection: proving.receipt(connection, position))
    return web.Response(text=str(found), content_type="text/plain")


async def consistency(request: web.Request) -> web.Response:
    """GET /v1/ledger/consistency"""
    given = query_parameters(request, "old", "new")
    old, new = (_number(given.get(name, ""), name, 0) for name in ("old", "new"))
    proof = await _proven(request, lambda connection: proving.consistency(connection, old, new))
    return answer({"old": old, "new": new, "proof": [base64.b64encode(each).decode() for each in proof]})


async def can(request: web.Request) -> web.Response:
    """GET /v1/ledger/answers/can"""
    given = query_parameters(
        request, "principal", "action", "resource", "as_of", "known_at", "resource_account", CONTEXT
    )
    runtime = request.app[RUNTIME]
    asked = required(given, "principal"), required(given, "action"), required(given, "resource")
    owner, context = given.get("resource_account"), request_context(request)

    def ask() -> ProvenAnswer:
        found = runtime.questions.can(*asked, given.get("as_of"), given.get("known_at"), owner, context)
        with runtime.connection() as connection:
            basis = basis_of(connection, runtime.history, runtime.names, found, owner, context)
            return prove_answer(connection, ["GET", str(request.rel_url)], found, basis)

    return await _answer_file(request, ask)


async def who_can(request: web.Request) -> web.Response:
    """GET /v1/ledger/answers/who-can"""
    given = query_parameters(request, "action", "resource", "as_of", "known_at", "account", "resource_account", CONTEXT)
    runtime = request.app[RUNTIME]
    asked = required(given, "action"), required(given, "resource")
    owner, context = given.get("resource_account"), request_context(request)

    def ask() -> ProvenAnswer:
        when = given.get("as_of"), given.get("known_at")
        found = runtime.questions.who_can(*asked, *when, given.get("account"), owner, context)
        with runtime.connection() as connection:
            return prove_answer(connection, ["GET", str(request.rel_url)], found)

    return await _answer_file(request, ask)


async def _answer_file(request: web.Request, ask: Callable[[], ProvenAnswer]) -> web.Response:
    """No connection is held while the question asks for one of its own."""
    try:
        return answer(msgspec.to_builtins(await request.app[WAITING].run(ask)))
    except proving.NotProven as error:
        raise not_found("not_proven", str(error)) from None


async def keys(request: web.Request) -> web.Response:
    """GET /v1/ledger/keys"""
    query_parameters(request)
    return answer({"keys": [str(key) for key in await _read(request, signed_with)]})


async def _read(request: web.Request, ask: Callable[[Connection], T]) -> T:
    runtime = request.app[RUNTIME]

    def asked() -> T:
        with runtime.connection() as connection:
            return ask(connection)

    return await request.app[WAITING].run(asked)


async def _proven(request: web.Request, ask: Callable[[Connection], T]) -> T:
    try:
        return await _read(request, ask)
    except proving.NotProven as error:
        raise not_found("not_proven", str(error)) from None


def _bytes(found: bytes | None) -> web.Response:
    if found is None:
        raise not_found("unknown_tile", "the tree has no such tile, or fewer hashes in it")
    return web.Response(body=found, content_type="application/octet-stream", headers=_FOR_EVER)


def _place(request: web.Request) -> tuple[int, int]:
    place = parse_path(path_word(request, "tile"))
    if place is None:
        raise bad_request("malformed_tile", "a tile is named 067, x001/x234/067, or 067.p/12 where it is partial")
    return place


def _number(text: str, name: str, least: int) -> int:
    number = parse_number(text, least, LARGEST)
    if number is None:
        raise bad_request(f"malformed_{name}", f"{name} is a whole number from {least} on")
    return number
