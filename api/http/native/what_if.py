"""What if: POST /v1/what-if, POST /v1/what-if/calls."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.what_if_questions import (
    Supposed,
    of_change_set,
    of_terraform,
    supposed_changes,
    together,
)
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.body import read_object
from erstwhile.api.http.native.streams import streamed
from erstwhile.api.problems import bad_request

MAX_PLAN = 32 * 1024 * 1024
"""Bytes of a question: a Terraform plan has the values of every resource that it manages."""
_COMMON = ("as_of", "known_at", "principal", "account", "plan_account")
_CHANGES = ("changes", "terraform_plan", "change_set")
_TEMPLATE = "change_set_template"
Texts = dict[str, str | None]


async def what_if(request: web.Request) -> web.StreamResponse:
    """POST /v1/what-if"""
    supposed, texts = await _read(request, *_COMMON, "resource")
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.what_if(
            together(*supposed), texts["as_of"], texts["known_at"], stop, principal=texts["principal"],
            account=texts["account"], resource=texts["resource"],
        ),
    )  # fmt: skip


async def calls(request: web.Request) -> web.StreamResponse:
    """POST /v1/what-if/calls"""
    supposed, texts = await _read(request, *_COMMON, "from", "to")
    words = WindowWords(begin=texts["from"], end=texts["to"], known_at=texts["known_at"])
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.calls_that_would_fail(
            together(*supposed), texts["as_of"], words, stop, principal=texts["principal"], account=texts["account"]
        ),
    )  # fmt: skip


async def _read(request: web.Request, *names: str) -> tuple[list[Supposed], Texts]:
    """The changes of the body, and its members that are texts. Raises Problem."""
    given = await read_object(request, MAX_PLAN)
    members = (*names, *_CHANGES, _TEMPLATE)
    strange = min(given.keys() - set(members), default="")
    if strange:
        raise bad_request("unknown_parameter", f"{strange[:100]}: this call takes {', '.join(members)}")
    if not given.keys() & set(_CHANGES):
        raise bad_request("parameter_missing", f"{', '.join(_CHANGES)}: one must be given, what is to be supposed")
    if _TEMPLATE in given and "change_set" not in given:
        raise bad_request("parameter_missing", f"{_TEMPLATE} completes a change_set, which is missing")
    texts = {name: _text(given, name) for name in names}
    supposed = [supposed_changes(given.get("changes", []))]
    if "terraform_plan" in given:
        supposed.append(of_terraform(given["terraform_plan"], texts["plan_account"] or ""))
    if "change_set" in given:
        supposed.append(of_change_set(given["change_set"], given.get(_TEMPLATE)))
    return supposed, texts


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if name == "known_at" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a position
    if value is not None and not isinstance(value, str):
        raise bad_request("malformed_body", f"{name} must be a string")
    return value
