"""The keys and sessions of a report, and the places from which they were used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from erstwhile.api.asking.incident.evidence import Evidence
from erstwhile.domain.directory import attributes
from erstwhile.domain.history.bearers import arns_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.incident.access_key_ids import is_temporary
from erstwhile.domain.incident.calls import CallGroup
from erstwhile.domain.incident.parts import Act, Sure
from erstwhile.domain.incident.report import Credential, Place
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import FOREVER, MalformedInstant, parse_aws_date
from erstwhile.projections.incident.family import Member


def credentials(evidence: Evidence) -> list[Credential]:
    """What was asked about first, then what that made, generation by generation."""
    members = dict(evidence.family.members)
    by_key: dict[str, list[CallGroup]] = {}
    for group in evidence.groups:
        by_key.setdefault(group.access_key, []).append(group)
    found = [_credential(evidence, 0, name, by_key.get(name, ()), None) for name in _seeds(evidence)]
    told = {each.access_key for each in found}
    for name, member in members.items():
        if member.is_service_session:
            continue
        if member.access_key:
            found.append(_credential(evidence, member.generation, name, by_key.get(name, ()), member))
            told.add(name)
        else:
            own = [group for group in evidence.groups if group.principal in _arns(evidence.history, member)]
            found.append(_principal(member, own))
    # Keys that principals used which the report is about.
    generation = {
        arn: member.generation
        for member in members.values() if member.key is not None
        for arn in _arns(evidence.history, member)
    }  # fmt: skip
    services = {(member.principal, member.session): member for member in members.values() if member.is_service_session}
    for name, own in by_key.items():
        if name and name not in told:
            service = services.get((own[0].principal, own[0].session))
            of = service.generation if service is not None else generation.get(own[0].principal, 0)
            found.append(_credential(evidence, of, name, own, service))
    return sorted(found, key=_place)


def _place(each: Credential) -> tuple[int, datetime, str]:
    return each.generation, each.made.at if each.made is not None else each.first_call or FOREVER, each.access_key


def _arns(history: FactHistory, member: Member) -> Sequence[str]:
    return arns_of(history, member.key) if member.key is not None else (member.principal,)


def _seeds(evidence: Evidence) -> list[str]:
    return [evidence.about.words] if evidence.about.kind == "access_key" else []


def _credential(
    evidence: Evidence, generation: int, name: str, own: Sequence[CallGroup], member: Member | None
) -> Credential:
    issued = evidence.issued.get(name)
    made = member.made if member is not None else issued.act if issued is not None else _made(evidence, name)
    called = own[0].principal if own else ""
    acts_as = member.principal if member is not None else issued.principal if issued is not None else ""
    principal = called or _role_arn(evidence.history, acts_as) or (evidence.about.principal if generation == 0 else "")
    session = own[0].session if own else issued.session if issued is not None else ""
    expires = member.expires_at if member is not None and member.expires_at is not None else _expiry(evidence, made)
    sure: Sure = "recorded" if made is not None or own else "unknown"
    return _counted(own, Credential(
        kind="session" if is_temporary(name) else "access_key", access_key=name, principal=principal, session=session,
        account=account_in(acts_as or principal) or evidence.about.account, generation=generation,
        parent=made.access_key if made is not None else "", made=made, expires_at=expires, sure=sure,
    ))  # fmt: skip


def _principal(member: Member, own: Sequence[CallGroup]) -> Credential:
    return _counted(own, Credential(
        kind="principal", access_key="", principal=member.principal, session="", account=member.account,
        generation=member.generation, parent=member.parent, made=member.made, sure="recorded",
    ))  # fmt: skip


def _counted(own: Sequence[CallGroup], credential: Credential) -> Credential:
    return msgspec.structs.replace(
        credential, first_call=min((group.first for group in own), default=None),
        last_call=max((group.last for group in own), default=None), calls=sum(group.calls for group in own),
        refused=sum(group.calls for group in own if group.error_code),
    )  # fmt: skip


def _role_arn(history: FactHistory, arn: str) -> str:
    """The role of a session's ARN, with its path where it is known; another ARN as it is."""
    before, found, path = arn.partition(":assumed-role/")
    if not found:
        return arn
    name, account = path.split("/")[0], account_in(arn)
    for key in history.with_name(account, "role", name.lower()):
        arns = arns_of(history, key)
        if arns:
            return arns[-1]
    return f"{before.replace(':sts:', ':iam:')}:role/{name}"


def _made(evidence: Evidence, name: str) -> Act | None:
    """The event that made an access key, where one is on record."""
    for key in evidence.history.with_access_key(name):
        rows = [
            row
            for row in evidence.history.intervals_of(key)
            if row.attribute == attributes.ACCESS_KEY and row.item == name
        ]
        for row in sorted(rows, key=lambda each: each.valid_from)[:1]:
            deed = evidence.deeds_at([row.opened_by]).get(row.opened_by)
            if deed is not None and deed.type == "iam.AccessKeyCreated":
                return deed.act
    return None


def _expiry(evidence: Evidence, made: Act | None) -> datetime | None:
    """When a session ends, by the record of the call that gave it out.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html
    """
    record = None if made is None else evidence.records(made.evidence)
    if record is None:
        return None
    given = as_object(as_object(record.get("responseElements")).get("credentials"))
    try:
        return parse_aws_date(as_text(given.get("expiration")))
    except MalformedInstant:
        return None


def places(evidence: Evidence) -> list[Place]:
    """From where the keys were used, with the regions of the records that were read."""
    regions: dict[tuple[str, str, str], dict[str, None]] = {}
    for call in evidence.calls:
        record = evidence.records(call.evidence)
        if record is not None and (region := as_text(record.get("awsRegion"))):
            regions.setdefault((call.access_key, call.source_ip, call.user_agent), {})[region] = None
    return [
        Place(
            access_key=each.access_key, source_ip=each.source_ip, user_agent=each.user_agent,
            regions=tuple(sorted(regions.get((each.access_key, each.source_ip, each.user_agent), ()))),
            first_call=each.first, last_call=each.last, calls=each.calls,
        )
        for each in evidence.places
    ]  # fmt: skip
