"""Catalogues of AWS-managed policies: every version, and since when it was the default.

Three layouts are read: a timeline {name: {version: {create_date, document}}}; files as `aws iam
get-policy-version` prints them, named by the policy; files with `document`, `version` and a date.
A version that must have existed and is not there leaves a gap, which is said and never interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from erstwhile.domain.events import Body
from erstwhile.domain.events.policies import PolicyVersionCreated, PolicyVersionsMissing
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.policy.knowledge.managed_policy_paths import located
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import format_instant, parse_aws_date
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.numbers import parse_number


class MalformedCatalogue(MalformedInput):
    """not a catalogue of AWS-managed policies"""

    code = "malformed_catalogue"


class Version(msgspec.Struct, frozen=True):
    """One version of one managed policy."""

    name: str
    arn: str
    number: int
    since: datetime
    document: str | None
    created_at: str = ""
    """When the policy was created, where the catalogue tells."""


def _number(version_id: str) -> int:
    number = parse_number(version_id[1:]) if version_id.startswith("v") else None
    if number is None:
        raise MalformedCatalogue(f"{version_id[:40]!r} is not a policy version: expected v1, v2, …")
    return number


def _version(name: str, arn: str, version_id: str, date: Any, document: Any, created: Any = "") -> Version:
    try:
        since = parse_aws_date(str(date))
        created_at = format_instant(parse_aws_date(str(created))) if created else ""
    except ValueError as error:
        raise MalformedCatalogue(f"version {version_id} of {name}: {error}") from None
    arn = arn or located(f"arn:aws:iam::aws:policy/{name}")
    return Version(name, arn, _number(version_id), since, document_text(document), created_at)


def _arn(name: str, entry: dict[str, Any]) -> str:
    """What an entry tells: the ARN, or the path."""
    path = entry.get("Path")
    return str(entry.get("Arn") or (f"arn:aws:iam::aws:policy{path}{name}" if path else ""))


def read_listing(data: Any) -> list[Version]:
    """Reads {name: {Arn or Path, DefaultVersionId, UpdateDate, Document}}: the versions in force.

    Raises MalformedCatalogue.
    """
    if not isinstance(data, dict) or not all(isinstance(entry, dict) for entry in data.values()):
        raise MalformedCatalogue("expected an object {policy name: {Arn, DefaultVersionId, UpdateDate, Document}}")
    return [
        _version(
            name,
            _arn(name, entry),
            str(entry.get("DefaultVersionId", "v1")),
            entry.get("UpdateDate"),
            entry.get("Document"),
            entry.get("CreateDate"),
        )
        for name, entry in data.items()
    ]


def read_catalogue(data: Any) -> list[Version]:
    """Reads a listing or a timeline, whichever it is. Raises MalformedCatalogue."""
    is_listing = isinstance(data, dict) and any(
        isinstance(entry, dict) and ("Document" in entry or "DefaultVersionId" in entry) for entry in data.values()
    )
    return read_listing(data) if is_listing else read_timeline(data)


def read_timeline(data: Any) -> list[Version]:
    """Reads {name: {version: {create_date, document}}}. Raises MalformedCatalogue."""
    if not isinstance(data, dict) or not all(isinstance(versions, dict) for versions in data.values()):
        raise MalformedCatalogue("expected an object {policy name: {version: {create_date, document}}}")
    found = []
    for name, versions in data.items():
        for version_id, entry in versions.items():
            if not isinstance(entry, dict) or "create_date" not in entry or "document" not in entry:
                raise MalformedCatalogue(f"version {version_id} of {name} lacks create_date or document")
            found.append(_version(name, "", version_id, entry["create_date"], entry["document"]))
    return found


def read_policy_file(name: str, data: Any) -> Version:
    """Reads one policy's file; `name` is the file's name without its ending. Raises MalformedCatalogue."""
    if isinstance(data, dict) and isinstance(data.get("PolicyVersion"), dict):
        entry = data["PolicyVersion"]
        return _version(name, "", str(entry.get("VersionId")), entry.get("CreateDate"), entry.get("Document"))
    if isinstance(data, dict) and "document" in data:
        date = next(
            (data[key] for key in ("update_date", "updatedate", "create_date", "createdate") if data.get(key)),
            "",
        )
        version_id = str(data.get("version") or data.get("default_version_id") or "v1")
        return _version(str(data.get("name") or name), str(data.get("arn") or ""), version_id, date, data["document"])
    raise MalformedCatalogue(f"{name}: expected an object with PolicyVersion, or with document and version")


def events_of(versions: Iterable[Version]) -> Iterator[tuple[datetime, Body]]:
    """The events of a catalogue: (since when, body), versions of one policy in order."""
    by_name: dict[str, list[Version]] = {}
    for version in versions:
        by_name.setdefault(version.name, []).append(version)
    for name, of_policy in by_name.items():
        of_policy.sort(key=lambda version: version.number)
        for version, after in zip(of_policy, [*of_policy[1:], None], strict=True):
            subject = Ref("policy", name)
            yield (
                version.since,
                PolicyVersionCreated(
                    subject=subject,
                    arn=version.arn,
                    version_id=f"v{version.number}",
                    document=version.document,
                    is_default=True,
                    policy_created_at=version.created_at,
                ),
            )
            if after is not None and after.number > version.number + 1:
                missing = [f"v{number}" for number in range(version.number + 1, after.number)]
                # A microsecond later: a missing version followed this one, at an instant nobody knows.
                yield (
                    version.since + timedelta(microseconds=1),
                    PolicyVersionsMissing(subject=subject, arn=version.arn, versions=missing),
                )
