"""What history does not have, though it outlives a key: shared snapshots and images, functions and their code,
machines. Whether it still stands is told by the records of the calls themselves.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html,
https://docs.aws.amazon.com/lambda/latest/api/,
https://docs.aws.amazon.com/ram/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from erstwhile.domain.incident.calls import Call, RawRecords
from erstwhile.domain.incident.report import Left, Standing
from erstwhile.domain.observed.cloudtrail.called_action import plain_action
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text

Path = tuple[str, ...]


class Making(NamedTuple):
    """A call that makes something last: what that is, where its record names the thing, and whom it was given to; by
    which calls it ends (with where these name the thing)."""

    what: str
    things: tuple[Path, ...]
    given: tuple[Path, ...]
    ends: dict[str, tuple[Path, ...]]


_P, _R = "requestParameters", "responseElements"
_SNAPSHOT: tuple[Path, ...] = ((_P, "snapshotId"),)
_IMAGE: tuple[Path, ...] = ((_P, "imageId"),)
_FUNCTION: tuple[Path, ...] = ((_P, "functionName"),)
_INSTANCES: tuple[Path, ...] = (
    (_R, "instancesSet", "items", "instanceId"),
    (_P, "instancesSet", "items", "instanceId"),
)


def _db(name: str) -> tuple[Path, ...]:
    return ((_P, name),)


MAKINGS: dict[str, Making] = {
    "ec2:ModifySnapshotAttribute": Making(
        "shared snapshot", _SNAPSHOT,
        ((_P, "createVolumePermission", "add", "items", "userId"),
         (_P, "createVolumePermission", "add", "items", "group")),
        {"ec2:ModifySnapshotAttribute": _SNAPSHOT, "ec2:ResetSnapshotAttribute": _SNAPSHOT,
         "ec2:DeleteSnapshot": _SNAPSHOT},
    ),
    "ec2:ModifyImageAttribute": Making(
        "shared image", _IMAGE,
        ((_P, "launchPermission", "add", "items", "userId"), (_P, "launchPermission", "add", "items", "group")),
        {"ec2:ModifyImageAttribute": _IMAGE, "ec2:ResetImageAttribute": _IMAGE, "ec2:DeregisterImage": _IMAGE},
    ),
    "rds:ModifyDBSnapshotAttribute": Making(
        "shared database snapshot", _db("dBSnapshotIdentifier"), ((_P, "valuesToAdd"),),
        {"rds:ModifyDBSnapshotAttribute": _db("dBSnapshotIdentifier"), "rds:DeleteDBSnapshot":
         _db("dBSnapshotIdentifier")},
    ),
    "rds:ModifyDBClusterSnapshotAttribute": Making(
        "shared database snapshot", _db("dBClusterSnapshotIdentifier"), ((_P, "valuesToAdd"),),
        {"rds:ModifyDBClusterSnapshotAttribute": _db("dBClusterSnapshotIdentifier"),
         "rds:DeleteDBClusterSnapshot": _db("dBClusterSnapshotIdentifier")},
    ),
    "lambda:CreateFunction": Making("function", _FUNCTION, ((_P, "role"),), {"lambda:DeleteFunction": _FUNCTION}),
    "lambda:UpdateFunctionCode": Making("code of a function", _FUNCTION, (), {"lambda:DeleteFunction": _FUNCTION}),
    "lambda:CreateFunctionUrlConfig": Making(
        "address of a function", _FUNCTION, ((_P, "authType"),),
        {"lambda:DeleteFunctionUrlConfig": _FUNCTION, "lambda:DeleteFunction": _FUNCTION},
    ),
    "ec2:RunInstances": Making("machine", _INSTANCES, (), {"ec2:TerminateInstances": _INSTANCES}),
    "ec2:ImportKeyPair": Making("key pair", ((_P, "keyName"),), (), {"ec2:DeleteKeyPair": ((_P, "keyName"),)}),
    "ec2:CreateKeyPair": Making("key pair", ((_P, "keyName"),), (), {"ec2:DeleteKeyPair": ((_P, "keyName"),)}),
    "ram:CreateResourceShare": Making(
        "resource share", ((_R, "resourceShare", "resourceShareArn"),), ((_P, "principals"),),
        {"ram:DeleteResourceShare": ((_P, "resourceShareArn"),)},
    ),
    "s3:PutBucketAcl": Making("access list of a bucket", ((_P, "bucketName"),), (), {
        "s3:DeleteBucket": ((_P, "bucketName"),)}),
}  # fmt: skip
"""By the name of the call."""
ENDING = frozenset(end for making in MAKINGS.values() for end in making.ends)
WORTH_READING = frozenset(MAKINGS) | ENDING
"""Calls whose records this module reads."""


def shared(calls: Iterable[Call], records: RawRecords, of_whom: frozenset[str]) -> list[Left]:
    """A line for each thing that one of these calls made to last, by calls in order; those of `of_whom` (their
    evidence) made it, and anybody's may have ended it."""
    successful = [call for call in calls if not call.error_code and plain_action(call.action) in WORTH_READING]
    found = []
    for place, call in enumerate(successful):
        making = MAKINGS.get(plain_action(call.action))
        if making is None or call.evidence not in of_whom:
            continue
        record = records(call.evidence)
        given = _texts(record, making.given)
        if making.given and not given and plain_action(call.action) in making.ends:
            continue  # this call takes back what another gave
        for thing in _texts(record, making.things):
            ended = next(_ends(making, thing, given, successful[place + 1 :], records), None)
            found.append(_line(making, call, thing, given, ended))
    return found


def _ends(making: Making, thing: str, given: list[str], later: list[Call], records: RawRecords) -> Iterator[Call]:
    for call in later:
        name = plain_action(call.action)
        if name in making.ends:
            record = records(call.evidence)
            if thing in _texts(record, making.ends[name]) and (
                name not in MAKINGS or _takes_back(record, given, making)
            ):
                yield call


def _takes_back(record: dict[str, Any] | None, given: list[str], making: Making) -> bool:
    """Whether a call that gives or takes takes all that was given."""
    taken = _texts(record, tuple(_taking(path) for path in making.given))
    return bool(taken) and set(given) <= set(taken)


def _taking(path: Path) -> Path:
    return tuple({"add": "remove", "valuesToAdd": "valuesToRemove"}.get(part, part) for part in path)


def _line(making: Making, call: Call, thing: str, given: list[str], ended: Call | None) -> Left:
    state: Standing = "stands" if ended is None else "ended"
    return Left(
        what=making.what, change="made", account=call.account, kind="", of=thing, attribute=plain_action(call.action),
        item="", detail=f"for {', '.join(given)}" if given else "", before=None, act=call.act(), stands=state,
        ended=None if ended is None else ended.act(), sure="inferred" if ended is None else "recorded",
    )  # fmt: skip


def _texts(record: dict[str, Any] | None, paths: Iterable[Path]) -> list[str]:
    return [] if record is None else [_plain(text) for path in paths for text in _at(record, path) if text]


def _plain(text: str) -> str:
    """A function or snapshot by its name, which some calls give as an ARN."""
    parts = text.split(":")
    return parts[6] if len(parts) > 6 and parts[2] in ("lambda", "rds") else text


def _at(value: Any, path: Path) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif path:
        yield from _at(as_object(value).get(path[0]), path[1:])
    else:
        yield as_text(value)
