"""A Directory that holds what a simulated request brings with it."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Request, as_values
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.vocabulary.instants import BEFORE

ENDPOINT = "arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-1"


def fact(value: dict[str, Any]) -> Fact:
    return Fact(value, BEFORE, 1)


def text(document: Any) -> str:
    return orjson.dumps(document).decode()


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def built(given: dict[str, Any]) -> tuple[Directory, Request] | None:
    """None where a Directory would know other things than the simulation: unseen policies, federated users."""
    policies = given["policies"]
    caller = parse_caller(given["principal"])
    resource = given["resource"]
    boundaries = policies.get("permissions_boundary", [])
    if len(boundaries) > 1 or (caller.kind == "federated_user" and "identity" in policies):
        return None
    if "resource" not in policies and needs_resource_policy(given["action"].lower(), resource):
        return None
    context = {key.lower(): as_values(value) for key, value in given["context"].items()}
    if any(key.startswith(("aws:userid", "aws:principaltag")) for key in context):
        return None
    if "resource" in policies and not resource.startswith("arn:"):
        return None
    if ":role/" in resource and len(listed(policies.get("resource", [None]))) != 1:
        return None  # a role has one trust policy
    directory = Directory(1)
    owner = given.get("resource_account") or owner_of(resource, caller.account)
    if "rcp" in policies and not owner:
        return None
    if caller.kind == "session" and ":role/aws-service-role/" in str(context.get("aws:principalarn")):
        return None
    if not {"scp", "rcp"}.isdisjoint(policies) and "aws:resourceorgid" in context:
        return None  # the Directory knows the organisation then
    if caller.kind == "root":
        root = directory.ensure((caller.account, "account", caller.account))
        root.facts["mode"] = {"": fact({"mode": "observed"})}
    if caller.kind in ("user", "role", "session"):
        _principal(directory, given["principal"], policies)
    if "resource" in policies:
        _resource(directory, resource, owner or "999999999999", listed(policies["resource"]))
        if not owner:
            return None
    if "vpc_endpoint" in policies:
        _resource(directory, ENDPOINT, "111122223333", policies["vpc_endpoint"])
    for layer, account in (("scp", caller.account), ("rcp", owner)):
        if layer in policies and account:
            _organization(directory, layer, account, policies[layer])
    for entity in list(directory.entities.values()):
        directory.index(entity)
    session = policies.get("session")
    return directory, Request(
        principal=given["principal"], action=given["action"], resource=resource,
        resource_account=given.get("resource_account"),
        context=context, session_policies=None if session is None else tuple(text(each) for each in session),
    )  # fmt: skip


def _principal(directory: Directory, arn: str, policies: dict[str, Any]) -> None:
    caller = parse_caller(arn)
    kind = "user" if caller.kind == "user" else "role"
    name = arn.rsplit("/", 1)[-1] if caller.kind != "session" else caller.role
    path = "/" + arn.partition(f":{kind}/")[2].removesuffix(name) if caller.kind != "session" else "/"
    own = arn if caller.kind != "session" else f"arn:aws:iam::{caller.account}:role/{name}"
    entity = directory.ensure((caller.account, kind, f"ID{name.upper()}"))
    entity.facts["entity"] = {"": fact({"name": name, "arn": own, "path": path})}
    inline = {f"p{n}": fact({"document": text(each)}) for n, each in enumerate(policies.get("identity", []))}
    if inline:
        entity.facts["inline"] = inline
    for boundary in policies.get("permissions_boundary", []):
        policy = directory.ensure((caller.account, "policy", "ANPABOUNDARY"))
        boundary_arn = f"arn:aws:iam::{caller.account}:policy/boundary"
        policy.facts = {
            "entity": {"": fact({"name": "boundary", "arn": boundary_arn, "path": "/"})},
            "version": {"v1": fact({"document": text(boundary)})},
            "default": {"": fact({"version": "v1"})},
        }
        entity.facts["boundary"] = {"": fact({"policy": boundary_arn})}


def _resource(directory: Directory, arn: str, owner: str, documents: list[Any]) -> None:
    if ":role/" in arn:
        existing = directory.by_arn.get(arn)
        role = existing or directory.ensure((owner, "role", "IDTRUSTING"))
        name = arn.rsplit("/", 1)[-1]
        role.facts["entity"] = {"": fact({"name": name, "arn": arn, "path": "/path/"})}
        [document] = documents
        role.facts["trust"] = {"": fact({"document": text(document)})}
        return
    carrier = arn.split("/")[0] if ":s3:::" in arn else arn
    entity = directory.ensure((owner, "resource", carrier))
    entity.facts["entity"] = {"": fact({"name": carrier, "arn": carrier})}
    entity.facts["policy"] = {str(n): fact({"document": text(each)}) for n, each in enumerate(documents)}


def _organization(directory: Directory, layer: str, account: str, levels: list[list[Any]]) -> None:
    kind = "SERVICE_CONTROL_POLICY" if layer == "scp" else "RESOURCE_CONTROL_POLICY"
    entity = directory.ensure(("999988887777", "organization", "999988887777"))
    chain = [f"node-{number}" for number in range(len(levels) - 1)] + [account]
    nodes = {node: fact({"kind": "unit", "parent": parent}) for node, parent in zip(chain, ["", *chain], strict=False)}
    entity.facts.setdefault("organization", {})[""] = fact({"id": "o-1", "management": "999988887777"})
    entity.facts.setdefault("node", {}).update(nodes)
    entity.facts.setdefault("policy_type", {})[f"{kind}@r"] = fact({})
    for depth, (node, level) in enumerate(zip(chain, levels, strict=True)):
        for number, document in enumerate(level):
            policy = f"p-{layer}-{depth}-{number}"
            guardrail = fact({"type": kind, "name": policy, "document": text(document)})
            entity.facts.setdefault("guardrail", {})[policy] = guardrail
            entity.facts.setdefault("target", {})[f"{policy}@{node}"] = fact({})
