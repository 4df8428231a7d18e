"""What is not known of reach, and what may help to get on: said beside the edges, never instead of a no."""

from __future__ import annotations

from erstwhile.domain.policy.inputs.sources import unknowns
from erstwhile.domain.reach.catalogue.existing_services import EXISTING_SERVICES
from erstwhile.domain.reach.catalogue.family import RUNNING, Family
from erstwhile.domain.reach.catalogue.leads import LEADS
from erstwhile.domain.reach.edges import ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening, asks_of
from erstwhile.domain.reach.ways import Ways

_PATTERNS = {
    "apprunner-service": ("apprunner", "service/*/*"),
    "batch-job-definition": ("batch", "job-definition/*:*"),
    "bedrock-agent-runtime": ("bedrock-agentcore", "runtime/*"),
    "bedrock-browser": ("bedrock-agentcore", "browser-custom/*"),
    "bedrock-code-interpreter": ("bedrock-agentcore", "code-interpreter-custom/*"),
    "cloudformation-stack": ("cloudformation", "stack/*/*"),
    "codebuild-project": ("codebuild", "project/*"),
    "ec2-instance": ("ec2", "instance/*"),
    "ecs-task": ("ecs", "task/*/*"),
    "ecs-task-definition": ("ecs", "task-definition/*:*"),
    "glue-dev-endpoint": ("glue", "devEndpoint/*"),
    "glue-job": ("glue", "job/*"),
    "lambda-function": ("lambda", "function:*"),
    "sagemaker-notebook": ("sagemaker", "notebook-instance/*"),
    "state-machine": ("states", "stateMachine:*"),
}
"""Type of a resource that runs as a role: its service, and the pattern of its ARN after the account."""


def not_known(ways: Ways, node: Node) -> list[str]:
    """Of a principal: whether its policies were seen, and over which resources it has power whose roles no record
    shows. Raises MalformedArn, UnknownPrincipal."""
    entity = ways.entity(node)
    if entity is None:
        return []
    found = unknowns(ways.directory, entity)
    families: dict[str, list[Family]] = {}
    for family in EXISTING_SERVICES:
        families.setdefault(family.where, []).append(family)
    partition = ways.directory.partition(entity.account)
    for kind, of_kind in families.items():
        service, pattern = _PATTERNS[kind]
        on = f"arn:{partition}:{service}:*:{entity.account}:{pattern}"
        able = [family.id for family in of_kind if _able(ways, node, family, entity.account, on)]
        if able:
            found.append(f"as which role each {kind} runs that no record shows: {', '.join(able)} may be edges")
    return found


def _able(ways: Ways, node: Node, family: Family, account: str, on: str) -> bool:
    """Whether a principal may do all that a family needs, to some resource of a pattern."""
    asks = asks_of(family.needs, ways.directory, account, {RUNNING: on})
    return all(ways.questions.best(node, each).how in ("allow", "conditional") for each in asks)


def leads(ways: Ways, node: Node, most: int) -> list[Opening]:
    """What may help a principal to get on, and is no edge. Raises MalformedArn, UnknownPrincipal."""
    entity = ways.entity(node)
    if entity is None:
        return []
    able = [family for family in LEADS if ways.may(node, family)]
    is_of_users = any(family.of for family in able)
    people = ways.directory.principals_of({entity.account}) if is_of_users else ()
    users = (each for each in people if each.kind == "user" and each.exists)
    found: list[Opening] = []
    for opening in ways.openings.leads(users, entity.account, able):
        if len(found) >= most:
            break
        if ask(ways.questions, node, opening).how in ("allow", "conditional"):
            found.append(opening)
    return found
