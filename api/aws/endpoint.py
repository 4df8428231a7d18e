"""Handles POST and GET /: the Query protocol of IAM and STS."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from aiohttp import web

from erstwhile.api.aws.access.answer_cache import ReadAnswers
from erstwhile.api.aws.access.call import Call, Plan, Result, Work
from erstwhile.api.aws.access.identity import Identities, Identity, unsigned
from erstwhile.api.aws.access.mfa_code import with_code
from erstwhile.api.aws.access.permissions import require_all
from erstwhile.api.aws.access.recorded_caller import recorded_caller
from erstwhile.api.aws.cloudtrail.asked import CloudTrail, is_asked
from erstwhile.api.aws.failures import failure_of
from erstwhile.api.aws.operations import NOT_OFFERED, OPERATIONS
from erstwhile.api.aws.reports import last_use
from erstwhile.api.aws.secrets.access_keys import AccessKeySecrets, StoredKey
from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.wire import other_services, reading, render_json, sigv4
from erstwhile.api.aws.wire.arn_parameters import require_arns
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.aws.wire.model import operation, require_partition, service_of
from erstwhile.api.aws.wire.parse import parse
from erstwhile.api.aws.wire.render import render
from erstwhile.api.aws.wire.request_ids import new_request_id
from erstwhile.api.commanding.provenance import Provenance, SideStatement
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.support.edge_key import EDGE
from erstwhile.api.support.off_loop import Apart
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.account import RecordRefusal
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.refusals import Refusal

log = logging.getLogger("erstwhile")

_READING = ("Get", "List", "Simulate", "Decode")
"""First words of operations that change nothing; the audit trail records only their denials."""
_WITHOUT_CREDENTIALS = frozenset(("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"))
"""Operations that are not signed; they contain an identity provider's token instead."""
PATIENCE = 30.0
"""Seconds that a change may take; after that the caller gets an error that says that the outcome is unknown."""


class AwsEndpoint:
    """Answers the calls for all accounts of one runtime."""

    def __init__(self, runtime: FollowingRuntime, vault: Vault, keys: AccessKeySecrets) -> None:
        self.runtime = runtime
        self.vault = vault
        self.admit: Callable[[web.Request], None] = lambda request: None
        """Raises Problem for a caller that calls too often."""
        self.keys = keys
        self.uses = last_use.LastUse(runtime)
        self._identities = Identities()
        self._kept = ReadAnswers()
        self._computing = Apart("identity providers' documents", threads=2, waiting=32, seconds=30)
        self._cloudtrail = CloudTrail(self)

    async def end(self, _app: web.Application) -> None:
        """Writes the noted uses of credentials and closes the connections. Runs on the event loop that served."""
        self._computing.close()
        self._cloudtrail.close()
        await self.uses.flush()
        await self.runtime.applied.close()

    async def handle(self, request: web.Request) -> web.Response:
        """Answers one call, errors too, in XML, or in JSON where the Accept header asks for it."""
        request_id = new_request_id()
        if is_asked(request):
            return await self._cloudtrail.answered(request, request_id)
        in_json = render_json.is_wanted(request.headers.get("Accept", ""))
        content_type = render_json.CONTENT_TYPE if in_json else "text/xml"
        headers = {"x-amzn-RequestId": request_id, "Content-Type": content_type}
        protocol, action, status = "", "", 200
        try:
            self.admit(request)
            if "Origin" in request.headers:
                request.app[EDGE].require_own_origin(request)
            raw, pairs, given = await reading.read(request)
            action = given.get("Action", "")
            if not action:
                raise AwsError("MissingAction", "The request must contain the parameter Action")
            protocol = service_of(action, given.get("Version", ""))
            await self.runtime.applied.caught_up()
            identity, region = await self.identify(request, raw, pairs, given, protocol)
            kept = None if pairs or in_json else self._kept.find(identity, raw, self.runtime.current.position)
            if kept is not None:
                body = kept[0] + request_id.encode() + kept[1]
            else:
                body = await self._answer(request, protocol, given, raw, identity, region, request_id)
        except Exception as error:  # noqa: BLE001 - each becomes an answer, and what was not expected is logged
            service = other_services.asked(request) if isinstance(error, AwsError | Refusal) and not protocol else None
            if service is not None and (service not in other_services.OURS or "X-Amz-Target" in request.headers):
                return other_services.refused(request, service, request_id)
            status, body, more = failure_of(error, protocol, action, in_json, request_id)
            headers |= more
        return web.Response(status=status, body=body, headers=headers)

    async def identify(
        self,
        request: web.Request,
        raw: bytes,
        pairs: Sequence[tuple[str, str]],
        given: Mapping[str, str],
        protocol: str,
    ) -> tuple[Identity, str]:
        """Authenticates the caller. Returns the identity and the region that the call was signed for. Raises
        AwsError."""
        action = given["Action"]
        if action in _WITHOUT_CREDENTIALS:
            return unsigned(self.runtime, given.get("RoleArn", "")), ""
        now = datetime.now(UTC)
        signed = sigv4.read(request.method, reading.path_of(request), pairs, request.headers, raw, (protocol,), now)
        stored: StoredKey | None = None
        if not signed.session_token:
            stored = self.keys.kept(signed.access_key_id)
            if stored is None and signed.access_key_id.isascii():  # ids of keys contain no other characters
                self._require_database()
                stored = await asyncio.to_thread(self._read_key, signed.access_key_id)
        current = self.runtime.current
        identity = None
        if stored is not None:
            identity = self._identities.held(stored, signed.access_key_id, current.directory)
        if identity is not None and stored is not None:
            sigv4.verify(signed, stored.secret)
        else:
            with current.read() as directory:
                identity = self._identities.of(signed, directory, self.vault, stored, now)
        region = signed.scope[1]
        require_partition(region, identity.partition)
        self.uses.note(identity, protocol, action, region, now)
        return identity, region

    def _read_key(self, access_key_id: str) -> StoredKey | None:
        try:
            with self.runtime.connection() as connection:
                return self.keys.read(connection, access_key_id)
        except (MasterKeyMissing, SealBroken):
            log.exception("the secret of %s cannot be opened", access_key_id)
            raise AwsError("ServiceFailure", "The secret of this key cannot be read here.", 500) from None

    async def _answer(
        self,
        request: web.Request,
        protocol: str,
        given: Mapping[str, str],
        raw: bytes,
        identity: Identity,
        region: str,
        request_id: str,
    ) -> bytes:
        action = given["Action"]
        in_json = render_json.is_wanted(request.headers.get("Accept", ""))
        model = operation(protocol, action)
        run = OPERATIONS.get(action)
        if run is None:
            raise AwsError("NotImplemented", f"{action} is not offered by this service: {NOT_OFFERED[action]}", 501)
        asked = parse(model.input_shape, given)
        if protocol == "iam":
            require_arns(model.input_shape, asked)
        current = self.runtime.current
        try:
            if "TokenCode" in asked:
                identity = await with_code(self.runtime, self.vault, identity, asked)
            with current.read() as directory:
                call = Call(
                    service=protocol, operation=action, given=asked, identity=identity, directory=directory,
                    vault=self.vault, keys=self.keys, now=datetime.now(UTC), region=region,
                    context=self.context(request), base_url=lambda: request.app[EDGE].base_url(request),
                )  # fmt: skip
                require_all(call)
                outcome = run(call)
                if isinstance(outcome, dict):
                    if in_json:
                        return render_json.render(model, outcome, request_id)
                    body = render(protocol, model, outcome, request_id)
                    if not request.query_string:
                        self._kept.keep(call, raw, directory.position, body, request_id)
                    return body
            if isinstance(outcome, Work):
                outcome = await self._worked(call, outcome)
        except (AwsError, Refusal) as error:
            if error.code == "AccessDenied" or not action.startswith(_READING):
                await self.record_refusal(request, identity, f"{protocol}:{action}", error, request_id)
            raise
        if isinstance(outcome, Plan):
            outcome = await self._change(
                outcome, recorded_caller(request, identity, f"{protocol}:{action}", request_id)
            )
        if in_json:
            return render_json.render(model, outcome, request_id)
        return render(protocol, model, outcome, request_id)

    async def _worked(self, call: Call, work: Work) -> Result | Plan:
        """Runs an operation's work until it returns a result or a plan."""
        current = self.runtime.current
        while True:
            if work.reads_last_use:
                await self.uses.flush()
            if work.asks is not None:
                done = await work.asks()
            elif work.computes:
                done = await self._computing.run(work.do, self.runtime.connection)
            else:
                done = await asyncio.to_thread(work.do, self.runtime.connection)
            with current.read():
                found = work.then(call, done)
            if not isinstance(found, Work):
                return found
            work = found

    def context(self, request: web.Request) -> ContextValues:
        """The condition keys of the connection, such as aws:SourceIp."""
        edge = request.app[EDGE]
        return {
            **self.runtime.present.clock(),
            "aws:sourceip": (edge.address(request),),
            "aws:securetransport": ("true" if edge.is_secure(request) else "false",),
            "aws:useragent": (request.headers.get("User-Agent", ""),),
        }

    async def _change(self, plan: Plan, caller: Provenance) -> Result:
        """Commits the plan's command, waits until it is applied to the Directory, and returns the result from there."""
        if plan.actor is not None:
            caller = Provenance(plan.actor, caller.request_id, caller.action, caller.details)
        if plan.command is not None:
            await self._submit(plan.command, caller, plan.side_statement)
        with self.runtime.current.read() as directory:
            return plan.answer(directory)

    async def _submit(self, command: Command, caller: Provenance, side_statement: SideStatement | None = None) -> None:
        """Returns when the command is committed and applied. Raises Refusal."""
        applied, commands = self.runtime.applied, self.runtime.commands
        self._require_database()
        pending = applied.expect()
        if commands.is_ready(command.account):
            commands.submit_to(pending, command, caller, side_statement)
        else:
            await asyncio.to_thread(commands.submit_to, pending, command, caller, side_statement)
        async with asyncio.timeout(PATIENCE):
            await pending.future

    def _require_database(self) -> None:
        """Raises Problem 503 while the database is known to be unreachable."""
        if self.runtime.present.age() is not None:
            raise Problem(503, "database_unavailable", "the database does not answer; come again")

    async def record_refusal(
        self, request: web.Request, identity: Identity, action: str, refused: AwsError | Refusal, request_id: str
    ) -> None:
        """Records a refused call of a known caller: the audit trail also shows failed attempts."""
        caller = recorded_caller(request, identity, action, request_id)
        if isinstance(refused, AwsError) and refused.actor is not None:
            caller = Provenance(refused.actor, caller.request_id, caller.action, caller.details)
        elif not identity.access_key_id:
            return
        command = RecordRefusal(
            account=identity.account, call=action.partition(":")[2], error_code=refused.code,
            message=f"{refused.message} {refused.detail}".rstrip(),
        )  # fmt: skip
        await self._submit(command, caller)
        if isinstance(refused, AwsError) and refused.extra_command is not None:
            await self._submit(refused.extra_command, caller)
