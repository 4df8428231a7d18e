"""Reports."""

from __future__ import annotations

import tempfile
from typing import IO

import msgspec
from aiohttp import web

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.parameters import only, path_word, query_parameters, repeated_parameters, require_text
from erstwhile.api.http.native.streams import sent_file
from erstwhile.api.http.schema.reports import OPTIONS, ReportQuestion
from erstwhile.api.problems import bad_request
from erstwhile.api.reports.forms import Form, form_named, section_named
from erstwhile.api.reports.gathering import Reports, ReportWords, report_kind
from erstwhile.api.reports.spool import spooled
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.vocabulary.typed import convert

_MOST_OF_A_BODY = 8 * 1024 * 1024
"""Bytes of a question: a list of leavers, or rules."""
_KNOWN = ("format", "section", "resource", "as_of", "known_at", "from", "to")


async def listing(request: web.Request) -> web.Response:
    """GET /v1/reports"""
    query_parameters(request)
    return answer({"reports": [
        {
            "name": each.name, "title": each.title, "question": each.question, "about": each.about,
            "takes_resource": each.takes_resource, "one_account": each.one_account, "controls": list(each.controls),
            "options": [
                {"name": one.name, "help": one.help, "default": one.default, "is_required": one.is_required}
                for one in each.options
            ],
        }
        for each in REPORTS.values()
    ]})  # fmt: skip


async def report(request: web.Request) -> web.StreamResponse:
    """GET /v1/reports/{name}"""
    options = {name.replace("-", "_"): name for name in OPTIONS}
    given = repeated_parameters(request, (), *_KNOWN, *options, optional=("account",))
    words = {name: only(name, values) for name, values in given.items() if name != "account"}
    asked = ReportWords(
        as_of=words.get("as_of"), begin=words.get("from"), end=words.get("to"), known_at=words.get("known_at"),
        accounts=tuple(given.get("account", ())), resource=words.get("resource", ""),
        options={options[name]: text for name, text in words.items() if name in options},
    )  # fmt: skip
    return await _sent(request, asked, words.get("format", "json"), words.get("section", ""))


async def post(request: web.Request) -> web.StreamResponse:
    """POST /v1/reports/{name}: options in the body, which may be as long as files are."""
    query_parameters(request)
    try:
        given = convert(await read_object(request, _MOST_OF_A_BODY), ReportQuestion)
    except msgspec.ValidationError as error:
        raise bad_request("malformed_body", str(error)) from None
    texts = [*given.accounts, given.section, given.resource, *(each or "" for each in (given.as_of, given.known_at))]
    for text in (*texts, given.begin or "", given.end or ""):
        require_text("the body", text)
    asked = ReportWords(
        as_of=given.as_of, begin=given.begin, end=given.end, known_at=given.known_at, accounts=tuple(given.accounts),
        resource=given.resource, options=given.options,
    )  # fmt: skip
    return await _sent(request, asked, given.format, given.section)


async def _sent(request: web.Request, asked: ReportWords, form_name: str, section: str) -> web.StreamResponse:
    kind = report_kind(path_word(request, "name"))
    form = form_named(form_name)
    reports = request.app[RUNTIME].reports
    headers = {"Content-Type": form.media_type}
    if not form.is_text:
        headers["Content-Disposition"] = f'attachment; filename="{kind.name}{form.suffix}"'
    return await sent_file(request, lambda stop: _made(reports, kind.name, asked, form, section, stop), headers)


def _made(
    reports: Reports, name: str, asked: ReportWords, form: Form, section: str, stop: Stop
) -> tuple[IO[bytes], dict[str, str]]:
    """The report in a temporary file, which its reader closes, and the answer's headers that tell of it."""
    with reports.report(name, asked, stop) as found:
        made = spooled(found)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - who sends it closes it
    try:
        form.write(made, section_named(made, section), file, lambda done, total: stop.check())
        file.seek(0)
        told = {"Erstwhile-Content-Hash": made.content_hash, "Erstwhile-Position": str(made.header.position)}
        return file, told
    except BaseException:
        file.close()
        raise
    finally:
        made.close()
