"""Directories made fact by fact, without events: for laws, cases and benchmarks of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.vocabulary.instants import BEFORE

ORGANIZATION = "999988887777"
"""The management account of the one organisation."""


def text(document: Any) -> str:
    return orjson.dumps(document).decode()


class WorldBuilder:
    """Collects facts that have always held. `directory()` enters names and ARNs when all are there."""

    def __init__(self) -> None:
        self._directory = Directory(1)

    def directory(self) -> Directory:
        for entity in list(self._directory.entities.values()):
            self._directory.index(entity)
        return self._directory

    def put(self, account: str, kind: str, unique_id: str, attribute: str, item: str = "", /, **value: Any) -> None:
        """One fact of one entity."""
        facts = self._directory.ensure((account, kind, unique_id)).facts
        facts.setdefault(attribute, {})[item] = Fact(value, BEFORE, 1)

    def account(self, account: str, **value: Any) -> None:
        self.put(account, "account", account, "mode", **({"mode": "observed"} | value))

    def policy(self, account: str, unique_id: str, name: str, document: str | None) -> str:
        """A managed policy of one version. `document` None: it was never seen. Returns the ARN."""
        arn = f"arn:aws:iam::{account}:policy/{name}"
        key = (account, "policy", unique_id)
        self.put(*key, "entity", name=name, arn=arn, path="/")
        self.put(*key, "version", "v1", document=document)
        self.put(*key, "default", version="v1")
        return arn

    def group(self, account: str, unique_id: str, name: str) -> None:
        self.put(account, "group", unique_id, "entity", name=name, path="/")

    def principal(self, account: str, kind: str, unique_id: str, name: str, path: str = "/", arn: str = "") -> None:
        """A user or a role. `arn`: where it is not that of its name and path."""
        arn = arn or f"arn:aws:iam::{account}:{kind}{path}{name}"
        self.put(account, kind, unique_id, "entity", name=name, arn=arn, path=path)

    def documents(self, account: str, kind: str, unique_id: str, attribute: str, documents: Mapping[str, str]) -> None:
        """Documents of an entity by their names: `inline` policies, a resource's `policy`, a role's `trust`."""
        for name, document in documents.items():
            self.put(account, kind, unique_id, attribute, name, document=document)

    def attach(self, account: str, kind: str, unique_id: str, arns: Iterable[str]) -> None:
        for arn in arns:
            self.put(account, kind, unique_id, "attached", arn)

    def resource(self, account: str, arn: str) -> None:
        self.put(account, "resource", arn, "entity", name=arn, arn=arn)

    def organization(self, nodes: Mapping[str, tuple[str, str]]) -> None:
        """Node → its kind and its parent."""
        key = (ORGANIZATION, "organization", ORGANIZATION)
        self.put(*key, "organization", id="o-1", management=ORGANIZATION)
        for node, (kind, parent) in nodes.items():
            self.put(*key, "node", node, kind=kind, parent=parent)

    def guardrail(self, policy: str, kind: str, document: str, targets: Iterable[str], **more: Any) -> None:
        """A policy of the organisation. `kind`: SERVICE or RESOURCE."""
        key = (ORGANIZATION, "organization", ORGANIZATION)
        self.put(*key, "guardrail", policy, type=f"{kind}_CONTROL_POLICY", document=document, **more)
        for node in targets:
            self.put(*key, "target", f"{policy}@{node}")
