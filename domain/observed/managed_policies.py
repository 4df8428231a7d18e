"""Reads catalogues of AWS-managed policies: each version, and the instant since which it was the default.

Four layouts are read: a timeline {name: {version: {create_date, document}}}; a listing {name: {Arn or Path,
DefaultVersionId, UpdateDate, Document}}; files that `aws iam get-policy-version` prints, named after the policy; files
with `document`, `version` and a date. A version that must have existed and is missing becomes a gap of its own event;
it is never interpolated.
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
    """One version of one managed policy. `number` is 3 for `v3`; `since` is when it became the default version."""

    name: str
    arn: str
    number: int
    since: datetime
    document: str | None
    created_at: str = ""
    """When the policy was created, in RFC 3339; '' where the catalogue does not say."""


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
    """The policy's ARN: the entry's own, or built from the entry's path; '' when the entry has neither."""
    path = entry.get("Path")
    return str(entry.get("Arn") or (f"arn:aws:iam::aws:policy{path}{name}" if path else ""))


def read_listing(data: Any) -> list[Version]:
    """Reads {name: {Arn or Path, DefaultVersionId, UpdateDate, Document}}: the default version of each policy.

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
    """Reads a catalogue in either layout, listing or timeline. Raises MalformedCatalogue."""
    is_listing = isinstance(data, dict) and any(
        isinstance(entry, dict) and ("Document" in entry or "DefaultVersionId" in entry) for entry in data.values()
    )
    return read_listing(data) if is_listing else read_timeline(data)


def read_timeline(data: Any) -> list[Version]:
    """Reads {name: {version: {create_date, document}}}. Raises MalformedCatalogue."""
    if not isinstance(data, dict) or not all(isinstance(versions, dict) for versions in data.values()):
        raise MalformedCatalogue("expected an object {policy name: {version: {create_date, document}}}")
    versions_read = []
    for name, versions in data.items():
        for version_id, entry in versions.items():
            if not isinstance(entry, dict) or "create_date" not in entry or "document" not in entry:
                raise MalformedCatalogue(f"version {version_id} of {name} lacks create_date or document")
            versions_read.append(_version(name, "", version_id, entry["create_date"], entry["document"]))
    return versions_read


def read_policy_file(name: str, data: Any) -> Version:
    """Reads the file of one policy; `name` is the file's name without its suffix. Raises MalformedCatalogue."""
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
    """Yields (instant, event) for each version and each gap; the versions of one policy in ascending order."""
    by_name: dict[str, list[Version]] = {}
    for version in versions:
        by_name.setdefault(version.name, []).append(version)
    for name, policy_versions in by_name.items():
        policy_versions.sort(key=lambda version: version.number)
        for version, next_version in zip(policy_versions, [*policy_versions[1:], None], strict=True):
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
            if next_version is not None and next_version.number > version.number + 1:
                missing = [f"v{number}" for number in range(version.number + 1, next_version.number)]
                # The instant at which the missing version followed is unknown: the gap begins a microsecond later.
                yield (
                    version.since + timedelta(microseconds=1),
                    PolicyVersionsMissing(subject=subject, arn=version.arn, versions=missing),
                )
