"""For each family of edges, a world with a source, a target, and a policy that allows just what the family needs."""

from __future__ import annotations

from typing import Any, Literal

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.nodes import Gain, Node
from tests.support.worlds import WorldBuilder, text

ACCOUNT = "111122223333"
Variant = Literal["positive", "boundary", "guardrail", "condition", "conditional", "incomplete"]
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
DENIES_S3 = text({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
ALL = text({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
NONE = text({"Version": "2012-10-17", "Statement": []})
RESOURCES = {
    "lambda-function": "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "apprunner-service": "arn:aws:apprunner:eu-west-1:111122223333:service/shop/1",
    "batch-job-definition": "arn:aws:batch:eu-west-1:111122223333:job-definition/nightly:1",
    "bedrock-agent-runtime": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/agent-1",
    "bedrock-browser": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:browser-custom/b-1",
    "bedrock-code-interpreter": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:code-interpreter-custom/c-1",
    "cloudformation-stack": "arn:aws:cloudformation:eu-west-1:111122223333:stack/base/1",
    "codebuild-project": "arn:aws:codebuild:eu-west-1:111122223333:project/build",
    "ec2-instance": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    "ecs-task": "arn:aws:ecs:eu-west-1:111122223333:task/main/1",
    "ecs-task-definition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1",
    "glue-dev-endpoint": "arn:aws:glue:eu-west-1:111122223333:devEndpoint/dev",
    "glue-job": "arn:aws:glue:eu-west-1:111122223333:job/nightly",
    "sagemaker-notebook": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/lab",
    "state-machine": "arn:aws:states:eu-west-1:111122223333:stateMachine:orders",
}


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def document(*statements: dict[str, Any]) -> str:
    return text({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def trusting(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return document(statement | ({"Condition": condition} if condition else {}))


class FamilyWorld:
    """`source` should have an edge of the family to `target` in the positive variant and, under a condition, in the
    conditional one; in no other."""

    def __init__(self, family: Family, variant: Variant) -> None:
        self.family = family
        self.variant = variant
        self.is_gain = family.gain is not None
        self.kind = family.of[0]
        self._world = WorldBuilder()
        self._world.account(ACCOUNT)
        self._world.account("aws")
        self.actions = [need.action for need in family.needs]
        self.is_new = family.kind == "new-principal"
        self.joins = any(need.on == "group" for need in family.needs)
        self.target = self._new() if self.is_new else Node(arn(self.kind, "boss"))
        self.source = self.target if self.is_gain else self._source()
        self._make()
        self.directory: Directory = self._world.directory()

    def _source(self) -> Node:
        if self.family.kind == "federated":
            return Node(SAML if "SAML" in self.family.needs[0].action else PROVIDER)
        # Who may add a user to a group may add itself, if it is one.
        return Node(arn("role" if self.is_new else "user", "ada"))

    def _new(self) -> Node:
        gained = Gain("joined", "staff") if self.joins else Gain("any-policy")
        return Node(arn(self.kind, "*"), tuple(sorted((gained, Gain("made")))))

    def _make(self) -> None:
        world = self._world
        boss = (ACCOUNT, self.kind, "IDBOSS")
        world.principal(*boss, "boss")
        if self.family.kind != "federated":
            ada = (ACCOUNT, "role" if self.is_new else "user", "AIDAADA")
            if not self.is_gain:
                world.principal(*ada, "ada")
            key = boss if self.is_gain else ada
            world.documents(*key, "inline", {"own": self._permission()})
            world.put(*key, "tag", "team", value="blue")
            if self.variant == "boundary" or self.family.gain in ("no-boundary", "within"):
                world.put(*key, "boundary", policy=world.policy(ACCOUNT, "ANPABOUND", "bound", self._boundary()))
        if self.kind == "role":
            world.documents(*boss, "trust", {"": self._trust()})
        self._fit(boss)
        if self.variant == "guardrail":
            self._guard()

    def _condition(self) -> dict[str, Any]:
        if self.variant == "condition":
            return {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
        if self.variant == "conditional":
            return {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
        return {}

    def _permission(self) -> str:
        actions = self.actions[:-1] if self.variant == "incomplete" else self.actions
        if self.is_new:
            return document(*(self._on_new(each) for each in actions))
        return document(*(allow(each, **self._condition()) for each in actions))

    def _on_new(self, action: str) -> dict[str, Any]:
        """A statement about principals that are not there, and the group."""
        statement = allow(action, [arn(self.kind, "new-*"), arn("group", "staff")], **self._condition())
        if self.family.where and action in ("iam:CreateRole", "iam:CreateUser"):
            limit = self._world.policy(ACCOUNT, "ANPALIMIT", "limit", NONE)
            equal = {"iam:PermissionsBoundary": limit} | statement.get("Condition", {}).get("StringEquals", {})
            statement["Condition"] = statement.get("Condition", {}) | {"StringEquals": equal}
        return statement

    def _boundary(self) -> str:
        if self.variant == "boundary":
            return document({"Effect": "Allow", "NotAction": self.actions[-1], "Resource": "*"})
        return ALL

    def _trust(self) -> str:
        family = self.family
        if family.kind == "federated":
            action = self.actions[0] if self.variant != "incomplete" else "sts:TagSession"
            conditions: dict[str, Any] = {}
            if self.variant == "condition":
                conditions = {"StringEquals": {"aws:FederatedProvider": "another"}}
            if self.variant == "conditional":
                conditions = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}}
            return trusting({"Federated": self.source.principal}, action, **conditions)
        if family.trusted:
            kind = "Federated" if family.trusted_action != "sts:AssumeRole" else "Service"
            return trusting({kind: family.trusted}, family.trusted_action)
        if family.kind == "assume":
            return trusting({"AWS": arn("root", "").rstrip("/")})
        return trusting({"Service": "nobody.amazonaws.com"})

    def _fit(self, boss: tuple[str, str, str]) -> None:
        """What must be so of the target."""
        world, family = self._world, self.family
        if self.is_new and self.joins:
            world.put(ACCOUNT, "group", "AGPASTAFF", "entity", name="staff", path="/", arn=arn("group", "staff"))
            world.documents(ACCOUNT, "group", "AGPASTAFF", "inline", {"p": ALL})
        match family.where:
            case "has two access keys":
                for number in (1, 2):
                    world.put(*boss, "access_key", f"AKIA{number}", status="Active")
            case "has a password":
                world.put(*boss, "login_profile")
            case "has no password":
                world.put(*boss, "credential_report", active_keys=0, columns={})
            case "is in an instance profile":
                world.put(
                    ACCOUNT, "instance-profile", "AIPA1", "entity", name="boss", arn=arn("instance-profile", "boss")
                )
                world.put(ACCOUNT, "instance-profile", "AIPA1", "role", "IDBOSS")
            case "has a policy of the account with room for a version":
                world.attach(*boss, [world.policy(ACCOUNT, "ANPAOWN", "own", NONE)])
            case "has a policy of the account with five versions" | "has a policy of the account with other versions":
                world.attach(*boss, [world.policy(ACCOUNT, "ANPAOWN", "own", NONE)])
                for number in range(2, 6):
                    world.put(ACCOUNT, "policy", "ANPAOWN", "version", f"v{number}", document=ALL)
            case "has an inline policy that denies":
                world.documents(*boss, "inline", {"deny": DENIES_S3})
            case "has an attached policy that denies":
                world.attach(*boss, [world.policy(ACCOUNT, "ANPADENY", "deny", DENIES_S3)])
            case (
                "has a boundary of the account with five versions" | "has a boundary of the account with other versions"
            ):
                for number in range(2, 6):
                    world.put(ACCOUNT, "policy", "ANPABOUND", "version", f"v{number}", document=ALL)
            case where if "group" in where:
                self._group(boss)
            case where if family.kind == "existing-service":
                resource = RESOURCES[where]
                world.put(ACCOUNT, "setting", f"runs-as/{resource}", "setting", type=where, role=self.target.principal)

    def _group(self, boss: tuple[str, str, str]) -> None:
        world = self._world
        world.put(ACCOUNT, "group", "AGPASTAFF", "entity", name="staff", path="/", arn=arn("group", "staff"))
        if "attached" in self.family.where:
            world.attach(ACCOUNT, "group", "AGPASTAFF", [world.policy(ACCOUNT, "ANPADENY", "deny", DENIES_S3)])
        else:
            held = DENIES_S3 if "denies" in self.family.where else ALL if self.family.gain == "joined" else NONE
            world.documents(ACCOUNT, "group", "AGPASTAFF", "inline", {"p": held})
        if "not in" not in self.family.where:
            world.put(*boss, "member_of", "AGPASTAFF")

    def _guard(self) -> None:
        world = self._world
        world.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
        world.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
        world.guardrail("p-all-r", "RESOURCE", ALL, ["r-1", ACCOUNT])
        denied = {"Effect": "Deny", "Action": self.actions[-1], "Resource": "*"}
        kind = "RESOURCE" if self.family.kind == "federated" else "SERVICE"
        statement = denied | ({"Principal": "*"} if kind == "RESOURCE" else {})
        world.guardrail("p-deny", kind, document(statement), ["r-1"])
