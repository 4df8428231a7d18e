"""A Directory that holds what a simulated request brings with it."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Request, as_values
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from tests.support.worlds import ORGANIZATION, WorldBuilder, text

ENDPOINT = "arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-1"


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
    world = WorldBuilder()
    owner = given.get("resource_account") or owner_of(resource, caller.account)
    if "rcp" in policies and not owner:
        return None
    if caller.kind == "session" and ":role/aws-service-role/" in str(context.get("aws:principalarn")):
        return None
    if not {"scp", "rcp"}.isdisjoint(policies) and "aws:resourceorgid" in context:
        return None  # the Directory knows the organisation then
    if caller.kind == "root":
        world.account(caller.account)
    if caller.kind in ("user", "role", "session"):
        _principal(world, given["principal"], policies)
    if "resource" in policies:
        _resource(world, resource, owner or "999999999999", listed(policies["resource"]))
        if not owner:
            return None
    if "vpc_endpoint" in policies:
        _resource(world, ENDPOINT, "111122223333", policies["vpc_endpoint"])
    for layer, account in (("scp", caller.account), ("rcp", owner)):
        if layer in policies and account:
            _organization(world, layer, account, policies[layer])
    session = policies.get("session")
    return world.directory(), Request(
        principal=given["principal"], action=given["action"], resource=resource,
        resource_account=given.get("resource_account"),
        context=context, session_policies=None if session is None else tuple(text(each) for each in session),
    )  # fmt: skip


def _principal(world: WorldBuilder, arn: str, policies: dict[str, Any]) -> None:
    caller = parse_caller(arn)
    kind = "user" if caller.kind == "user" else "role"
    name = arn.rsplit("/", 1)[-1] if caller.kind != "session" else caller.role
    path = "/" + arn.partition(f":{kind}/")[2].removesuffix(name) if caller.kind != "session" else "/"
    own = arn if caller.kind != "session" else f"arn:aws:iam::{caller.account}:role/{name}"
    key = (caller.account, kind, f"ID{name.upper()}")
    world.principal(*key, name, path, own)
    world.documents(*key, "inline", {f"p{n}": text(each) for n, each in enumerate(policies.get("identity", []))})
    for boundary in policies.get("permissions_boundary", []):
        world.put(*key, "boundary", policy=world.policy(caller.account, "ANPABOUNDARY", "boundary", text(boundary)))


def _resource(world: WorldBuilder, arn: str, owner: str, documents: list[Any]) -> None:
    if ":role/" in arn:
        [document] = documents
        world.principal(owner, "role", "IDTRUSTING", arn.rsplit("/", 1)[-1], "/path/", arn)
        world.documents(owner, "role", "IDTRUSTING", "trust", {"": text(document)})
        return
    carrier = arn.split("/")[0] if ":s3:::" in arn else arn
    world.resource(owner, carrier)
    world.documents(owner, "resource", carrier, "policy", {str(n): text(each) for n, each in enumerate(documents)})


def _organization(world: WorldBuilder, layer: str, account: str, levels: list[list[Any]]) -> None:
    kind = "SERVICE" if layer == "scp" else "RESOURCE"
    chain = [f"node-{number}" for number in range(len(levels) - 1)] + [account]
    world.organization({node: ("unit", parent) for node, parent in zip(chain, ["", *chain], strict=False)})
    world.put(ORGANIZATION, "organization", ORGANIZATION, "policy_type", f"{kind}_CONTROL_POLICY@r")
    for depth, (node, level) in enumerate(zip(chain, levels, strict=True)):
        for number, document in enumerate(level):
            name = f"p-{layer}-{depth}-{number}"
            world.guardrail(name, kind, text(document), [node], name=name)
