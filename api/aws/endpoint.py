"""POST and GET /: the Query protocol of IAM and STS."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from aiohttp import web

from api.aws import sigv4
from api.aws.call import Call, Plan
from api.aws.errors import AwsError
from api.aws.identity import Identity, identify
from api.aws.keys import Keys, StoredKey
from api.aws.model import operation, operation_names, service_of
from api.aws.operations import CHANGES, READS
from api.aws.parse import parse
from api.aws.permissions import require, require_pass_role, require_role
from api.aws.render import render, render_error
from api.aws.vault import MasterKeyMissing, SealBroken, Vault
from api.problems import Problem
from api.service import Service
from domain.commands import Command
from domain.commands.account import RecordRefusal
from domain.event_log.writer import Caller, Committed
from domain.events import Details
from domain.refusals import Refusal

log = logging.getLogger("erstwhile")

MAX_BODY = 1024 * 1024
MAX_PARAMETERS = 2_000
_FREE = frozenset(("GetCallerIdentity", "GetAccessKeyInfo", "GetSessionToken"))
"""Operations that every authenticated caller may use.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and the others' pages."""


class AwsEndpoint:
    """Serves the accounts of one service."""

    def __init__(self, service: Service, vault: Vault, keys: Keys) -> None:
        self._service = service
        self._vault = vault
        self._keys = keys

    async def handle(self, request: web.Request) -> web.Response:
        """One call, answered in XML whatever happens."""
        request_id = str(uuid.uuid4())
        protocol, status = "iam", 200
        try:
            raw, pairs, given = await _read(request)
            action = given.get("Action", "")
            if not action:
                raise AwsError("MissingAction", "The request must contain the parameter Action")
            protocol = service_of(action, given.get("Version", ""))
            assert self._service.applied is not None
            await self._service.applied.caught_up()
            identity = await self._identify(request, raw, pairs, protocol)
            body = await self._answer(request, protocol, action, given, identity, request_id)
        except AwsError as error:
            status = error.status
            body = render_error(protocol, error.code, error.message, status, request_id)
        except Refusal as refusal:
            status = refusal.status
            body = render_error(protocol, refusal.code, refusal.message, status, request_id)
        except Problem as problem:
            status = problem.status
            body = render_error(protocol, "ServiceUnavailable", problem.detail, status, request_id)
        except Exception:
            log.exception("the call %s failed", request_id)
            status = 500
            body = render_error(protocol, "ServiceFailure", "The request failed here.", status, request_id)
        headers = {"x-amzn-RequestId": request_id}
        return web.Response(status=status, body=body, content_type="text/xml", headers=headers)

    async def _identify(
        self, request: web.Request, raw: bytes, pairs: Sequence[tuple[str, str]], protocol: str
    ) -> Identity:
        now = datetime.now(UTC)
        signed = sigv4.read(request.method, request.url.raw_path, pairs, request.headers, raw, (protocol,), now)
        stored: StoredKey | None = None
        if not signed.session_token:
            stored = self._keys.kept(signed.access_key_id)
            if stored is None:
                stored = await asyncio.to_thread(self._read_key, signed.access_key_id)
        current = self._service.current
        assert current is not None
        with current.read() as directory:
            return identify(signed, directory, self._vault, lambda _: stored, now)

    def _read_key(self, access_key_id: str) -> StoredKey | None:
        try:
            with self._service.connection() as connection:
                return self._keys.read(connection, access_key_id)
        except (MasterKeyMissing, SealBroken):
            log.exception("the secret of %s cannot be opened", access_key_id)
            raise AwsError("ServiceFailure", "The secret of this key cannot be read here.", 500) from None

    async def _answer(
        self,
        request: web.Request,
        protocol: str,
        action: str,
        given: dict[str, str],
        identity: Identity,
        request_id: str,
    ) -> bytes:
        model = operation(protocol, action)
        if action not in READS and action not in CHANGES:
            raise AwsError("NotImplemented", f"{action} is not offered by this service", 501)
        current = self._service.current
        assert current is not None
        context = self._context(request)
        asked = parse(model.input_shape, given)
        refused: AwsError | None = None
        plan: Plan | None = None
        result = {}
        with current.read() as directory:
            call = Call(
                service=protocol, operation=action, given=asked, identity=identity, directory=directory,
                vault=self._vault, keys=self._keys, now=datetime.now(UTC),
            )  # fmt: skip
            try:
                if action == "AssumeRole":
                    require_role(directory, asked)
                if action not in _FREE:
                    require(call, context)
                    require_pass_role(call, context)
                if action in CHANGES:
                    plan = CHANGES[action](call)
                else:
                    result = READS[action](call)
            except AwsError as error:
                if error.code != "AccessDenied":
                    raise
                refused = error
        caller = self._caller(request, identity, f"{protocol}:{action}", request_id)
        if refused is not None:
            await self._record(identity.account, action, refused, caller)
            raise refused
        if plan is not None:
            result = await self._change(plan, caller)
        return render(protocol, model, result, request_id)

    def _context(self, request: web.Request) -> dict[str, tuple[str, ...]]:
        """The condition keys that follow from the connection."""
        return {
            **self._service.clock(),
            "aws:sourceip": (request.remote or "",),
            "aws:securetransport": ("true" if request.secure else "false",),
            "aws:useragent": (request.headers.get("User-Agent", ""),),
        }

    async def _change(self, plan: Plan, caller: Caller) -> dict[str, object]:
        """Commits, waits until the Directory has it, and answers from that."""
        position = 0
        for command in plan.commands:
            position = (await self._submit(command, caller, plan)).position
        current, applied = self._service.current, self._service.applied
        assert current is not None and applied is not None
        await applied.reached(position)
        with current.read() as directory:
            return plan.answer(directory)

    async def _submit(self, command: Command, caller: Caller, plan: Plan) -> Committed:
        commands = self._service.commands
        if commands.is_ready(command.account):
            return await asyncio.wrap_future(commands.submit(command, caller, plan.beside))
        return await asyncio.wrap_future(await asyncio.to_thread(commands.submit, command, caller, plan.beside))

    async def _record(self, account: str, action: str, refused: AwsError, caller: Caller) -> None:
        """A trail without attempts is half a trail."""
        command = RecordRefusal(account=account, call=action, error_code=refused.code, message=refused.message)
        future = await asyncio.to_thread(self._service.commands.submit, command, caller)
        await asyncio.wrap_future(future)

    def _caller(self, request: web.Request, identity: Identity, action: str, request_id: str) -> Caller:
        session = identity.session.session_name if identity.session is not None else ""
        details = Details(
            source_ip=request.remote or "", user_agent=request.headers.get("User-Agent", "")[:1_000], session=session
        )
        return Caller(identity.actor(), request_id, action, details)


async def _read(request: web.Request) -> tuple[bytes, list[tuple[str, str]], dict[str, str]]:
    """(the body, the query's parameters, all parameters). Raises AwsError."""
    try:
        raw = await request.content.read(MAX_BODY + 1) if request.content_length is None else await _whole(request)
        if len(raw) > MAX_BODY:
            raise AwsError("RequestEntityTooLarge", f"The body is larger than {MAX_BODY:,} bytes.", 413)
        pairs = parse_qsl(
            request.rel_url.raw_query_string, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"
        )
        body_pairs: list[tuple[str, str]] = []
        if raw:
            kind = request.content_type
            if kind != "application/x-www-form-urlencoded":
                raise AwsError("MalformedInput", f"Content-Type must be application/x-www-form-urlencoded, not {kind}")
            body_pairs = parse_qsl(
                raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"
            )
    except UnicodeDecodeError:
        raise AwsError("MalformedInput", "The request is not UTF-8.") from None
    except ValueError:
        raise AwsError("MalformedInput", f"The request has more than {MAX_PARAMETERS:,} parameters.") from None
    given: dict[str, str] = {}
    for name, value in (*pairs, *body_pairs):
        if name in given:
            raise AwsError("MalformedInput", f"The parameter {name[:100]} is given twice.")
        given[name] = value
    return raw, pairs, given


async def _whole(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BODY:
        raise AwsError("RequestEntityTooLarge", f"The body is larger than {MAX_BODY:,} bytes.", 413)
    return await request.read()


def offered() -> dict[str, dict[str, bool]]:
    """Service → operation → whether it is offered; for the documentation."""
    return {
        service: {name: name in READS or name in CHANGES for name in sorted(operation_names(service))}
        for service in ("iam", "sts")
    }
