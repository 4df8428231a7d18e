"""A second evaluator, slow and obvious, written from AWS's pages alone and from nothing of the engine's.

It takes the request of `erstwhile evaluate` as parsed JSON and answers in strict mode: `allow`, `explicit_deny`,
`implicit_deny`, or `conditional` where the unknown owner of the resource or name of the session decides. Comments name
the page: [logic] reference_policies_evaluation-logic, [cross] …evaluation-logic-cross-account, [principal]
reference_policies_elements_principal, [notprincipal] …_notprincipal, [operators] …_condition_operators,
[multi] reference_policies_condition-single-vs-multi-valued-context-keys, [variables] reference_policies_variables,
[boundary] access_policies_boundaries, [resource] reference_policies_elements_resource, [identifiers]
reference_identifiers, [scp] and [rcp] orgs_manage_policies_scps and _rcps of the Organizations guide, [sts]
id_credentials_sts-comparison and STS's API reference, [linked] id_roles_create-service-linked-role, [s3]
API_DeleteBucketPolicy of S3, [aliases] alias-create of the KMS guide.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from decimal import Decimal
from typing import Any

JSON = Any


def listed(value: JSON) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: JSON) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def wild(pattern: list[tuple[str, bool]], given: str) -> bool:
    """Character by character; a pattern is [(character, is a literal)]. All ways to match are followed."""
    places = {0}
    for character in given:
        following = set()
        for place in closure(pattern, places):
            if place == len(pattern):
                continue
            wanted, is_literal = pattern[place]
            if wanted == "*" and not is_literal:
                following.add(place)
            elif (wanted == "?" and not is_literal) or wanted == character:
                following.add(place + 1)
        places = following
    return len(pattern) in closure(pattern, places)


def closure(pattern: list[tuple[str, bool]], places: set[int]) -> set[int]:
    found = set(places)
    for place in sorted(places):
        while place < len(pattern) and pattern[place] == ("*", False):
            place += 1
            found.add(place)
    return found


def plain(pattern: str) -> list[tuple[str, bool]]:
    return [(character, False) for character in pattern]


class Unset(Exception):
    pass


MULTIVALUED = ("aws:tagkeys", "aws:calledvia", "aws:principalorgpaths")
"""[multi]: those of the generator that may have several values."""


class Request:
    """What was asked, and all that follows from it."""

    def __init__(self, given: JSON, session_name: str = "") -> None:
        self.action = given["action"]
        self.resource = given["resource"]
        self.principal = given["principal"]
        self.policies = given.get("policies") or {}
        parts = self.principal.split(":")
        self.account = parts[4] if len(parts) > 5 else ""
        path = parts[5] if len(parts) > 5 else ""
        self.kind = (
            "anonymous"
            if self.principal == "*"
            else "service"
            if not self.principal.startswith("arn:")
            else "session"
            if path.startswith("assumed-role/")
            else "federated_user"
            if path.startswith("federated-user/")
            else "provider"
            if "-provider/" in path
            else path.split("/")[0]
        )
        self.role = path.split("/")[1] if self.kind == "session" else path.split("/")[-1] if self.kind == "role" else ""
        owner = given.get("resource_account") or (
            self.account if self.resource == "*" else (self.resource.split(":", 5) + [""] * 6)[4]
        )
        self.owner = owner or None
        keys: dict[str, list[str]] = {"aws:principalisawsservice": ["true" if self.kind == "service" else "false"]}
        if self.account:
            keys["aws:principalaccount"] = [self.account]
        if self.kind == "user":
            keys["aws:username"] = [path.split("/")[-1]]
        kinds = {"user": "User", "session": "AssumedRole", "role": "AssumedRole", "root": "Account",
                 "federated_user": "FederatedUser", "anonymous": "Anonymous"}  # fmt: skip
        if self.kind in kinds:
            keys["aws:principaltype"] = [kinds[self.kind]]
        if self.kind in ("user", "role", "root", "federated_user"):
            keys["aws:principalarn"] = [self.principal]
        if self.kind == "session":
            keys["aws:principalarn"] = [f"arn:aws:iam::{self.account}:role/{self.role}"]
        if self.kind == "root":
            keys["aws:userid"] = [self.account]
        if self.kind == "federated_user":
            keys["aws:userid"] = [f"{self.account}:{path.split('/')[-1]}"]
        if self.kind == "anonymous":
            keys["aws:userid"] = ["anonymous"]
        if self.kind == "service":
            keys["aws:principalservicename"] = [self.principal]
        if self.kind == "provider":
            keys["aws:federatedprovider"] = [self.principal]
        if self.owner:
            keys["aws:resourceaccount"] = [self.owner]
        for key, value in (given.get("context") or {}).items():
            keys[key.lower()] = [text(each) for each in listed(value)]
        self.keys = keys
        told = keys.get("aws:userid") if "aws:userid" in lower(given) else None
        has_id = self.kind in ("user", "role", "session")
        self.unique_id = told[0].split(":")[0] if told and has_id else ""
        self.has_boundary = bool(self.policies.get("permissions_boundary")) and self.kind in ("user", "role", "session")
        self.session_arn = self.principal if self.kind == "session" else ""
        if self.kind == "role" and session_name:
            self.session_arn = f"arn:aws:sts::{self.account}:assumed-role/{self.role}/{session_name}"


def lower(given: JSON) -> set[str]:
    return {key.lower() for key in given.get("context") or {}}


def spelled(pattern: str, request: Request, variables: bool) -> list[tuple[str, bool]]:
    """[variables]: a variable's value stands for itself; ${*}, ${?} and ${$} are the characters. Raises Unset where it
    has none: its key is absent, or [multi] may have several values."""
    if not variables:
        return plain(pattern)
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(pattern):
        end = pattern.find("}", at + 3) if pattern.startswith("${", at) else -1
        if end < 0:
            found.append((pattern[at], False))
            at += 1
            continue
        name = pattern[at + 2 : end]
        if name in ("*", "?", "$"):
            value = name
        else:
            key, comma, default = name.partition(",")
            held = request.keys.get(key.strip().lower())
            if held is not None and len(held) == 1 and key.strip().lower() not in MULTIVALUED:
                value = held[0]
            elif comma and re.fullmatch(r"\s*'[^']*'\s*", default):
                value = default.strip()[1:-1]
            else:
                raise Unset
        found += [(character, True) for character in value]
        at = end + 1
    return found


def matches_resource(pattern: list[tuple[str, bool]], given: str) -> bool:
    """[resource]: a star that ends a segment goes on beyond its colon; another in the first five does not."""
    return resource_from(pattern, 0, given, 0, {})


def resource_from(
    pattern: list[tuple[str, bool]], p: int, given: str, g: int, known: dict[tuple[int, int], bool]
) -> bool:
    if (p, g) in known:
        return known[p, g]
    if p == len(pattern):
        return g == len(given)
    wanted, is_literal = pattern[p]
    early = sum(1 for each in pattern[:p] if each == (":", False)) < 5
    ends = p + 1 == len(pattern) or pattern[p + 1] == (":", False)
    if wanted == "*" and not is_literal:
        answer = resource_from(pattern, p + 1, given, g, known)
        if not answer and g < len(given) and (not early or ends or given[g] != ":"):
            answer = resource_from(pattern, p, given, g + 1, known)
    elif g < len(given) and (
        (wanted == "?" and not is_literal and (not early or given[g] != ":")) or (wanted == given[g] and wanted != "?")
        or (wanted == given[g] and is_literal)
    ):  # fmt: skip
        answer = resource_from(pattern, p + 1, given, g + 1, known)
    else:
        answer = False
    known[p, g] = answer
    return answer


def instant(value: str) -> datetime.datetime | None:
    if re.fullmatch(r"\d{5,}", value):
        if int(value) > datetime.datetime.max.replace(tzinfo=datetime.UTC).timestamp():
            return None
        return datetime.datetime.fromtimestamp(int(value), datetime.UTC)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            value += "T00:00:00Z"
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None


def one_matches(operator: str, wanted: str, given: str, request: Request, variables: bool) -> bool:
    """[operators]: one value of the policy against one of the request."""
    if operator.startswith(("string", "arn")):
        spelling = spelled(wanted, request, variables)
        written = "".join(character for character, _ in spelling)
        if operator == "stringequals":
            return written == given
        if operator == "stringequalsignorecase":
            return written.lower() == given.lower()
        if operator == "stringlike":
            return wild(spelling, given)
        segments: list[list[tuple[str, bool]]] = [[]]
        for each in spelling:
            # Only the first five colons separate.
            if each[0] == ":" and len(segments) < 6:
                segments.append([])
            else:
                segments[-1].append(each)
        other = given.split(":", 5)
        if len(segments) != 6 or len(other) != 6:
            return spelling == [("*", False)]
        return all(wild(a, b) for a, b in zip(segments, other, strict=True))
    if operator == "bool":
        return wanted.lower() == given.lower()
    if operator == "binaryequals":
        return wanted == given
    if operator == "ipaddress":
        try:
            return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
    left: Any
    right: Any
    if operator.startswith("numeric"):
        number = r"[+-]?\d+(\.\d+)?"
        if not re.fullmatch(number, given) or not re.fullmatch(number, wanted):
            return False
        left, right = Decimal(given), Decimal(wanted)
    else:
        left, right = instant(given), instant(wanted)
        if left is None or right is None:
            return False
    relation = operator.removeprefix("numeric").removeprefix("date")
    return bool(
        {
            "equals": left == right,
            "lessthan": left < right,
            "lessthanequals": left <= right,
            "greaterthan": left > right,
            "greaterthanequals": left >= right,
        }[relation]
    )


def condition_holds(operator: str, key: str, wanted: list[str], request: Request, variables: bool) -> bool:
    name = operator.lower()
    quantifier = ""
    if ":" in name:
        quantifier, name = name.split(":")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    given = request.keys.get(key.lower())
    is_null = not any(given or [])
    if name == "null":
        # [operators]: true wants the key absent, or its values an empty string or list.
        return any((value.lower() == "true") == is_null for value in wanted)
    negated = "not" in name
    name = name.replace("not", "")
    if quantifier == "forallvalues" and is_null:
        return True
    if quantifier == "foranyvalue" and is_null:
        # Whatever IfExists says, there is no value that could match.
        return False
    if not given:
        return if_exists or negated
    if not quantifier and len(given) > 1:
        # [multi]: keys with several values require a set operator.
        return False
    passes = [
        any(value_matches(name, value, each, request, variables) for value in wanted) != negated for each in given
    ]
    return any(passes) if quantifier == "foranyvalue" else all(passes)


def value_matches(name: str, wanted: str, given: str, request: Request, variables: bool) -> bool:
    """[variables]: a variable without a value equals nothing, so only that value drops out."""
    try:
        return one_matches(name, wanted, given, request, variables)
    except Unset:
        return False


def completed(resource: str) -> list[str]:
    """[identifiers]: an ARN of fewer than six parts has stars for those that are missing; as it stands it may have a
    star that stands for several parts."""
    missing = 5 - re.sub(r"\$\{[^}]*\}", "", resource).count(":")
    return [resource, resource + ":*" * missing] if resource.startswith("arn:") and missing > 0 else [resource]


def applies(statement: JSON, variables: bool, request: Request, of_identity: bool) -> bool:
    """Whether action, resource and conditions fit; the principal is looked at apart."""
    member = "Action" if "Action" in statement else "NotAction"
    fits = any(wild(plain(action.lower()), request.action.lower()) for action in listed(statement[member]))
    if fits != (member == "Action"):
        return False
    if "Resource" in statement or "NotResource" in statement:
        member = "Resource" if "Resource" in statement else "NotResource"
        fits = False
        for resource in listed(statement[member]):
            for each in completed(resource) if of_identity else [resource]:
                try:
                    fits = fits or matches_resource(spelled(each, request, variables), request.resource)
                except Unset:
                    # [variables]: it matches no resource, so that NotResource applies to all.
                    continue
        if fits != (member == "Resource"):
            return False
    return all(
        condition_holds(operator, key, [text(value) for value in listed(values)], request, variables)
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    )


def is_role(name: str, request: Request) -> bool:
    return name.startswith(f"arn:aws:iam::{request.account}:role/") and name.split("/")[-1] == request.role


def named(statement: JSON, request: Request) -> set[str]:
    """[principal]: in which ways the element means the caller: everyone, itself, role, account."""
    if "NotPrincipal" in statement and statement["Effect"] == "Allow":
        # [notprincipal]: whoever is named by any of its names is left out.
        return set() if named({"Principal": statement["NotPrincipal"]}, request) else {"everyone"}
    if "NotPrincipal" in statement:
        # [boundary]: it always denies whoever has a boundary.
        is_excepted = excepted(statement["NotPrincipal"], request) and not request.has_boundary
        return set() if is_excepted else {"everyone"}
    element = statement.get("Principal")
    if element is None:
        return set()
    if element == "*":
        return {"everyone"}
    ways = set()
    for kind, names in element.items():
        for name in listed(names):
            if kind == "AWS" and name == "*":
                ways.add("everyone")
            elif kind == "AWS" and request.account and request.kind != "provider":
                if name in (request.account, f"arn:aws:iam::{request.account}:root"):
                    ways.add("itself" if request.kind == "root" else "account")
                elif name == (request.session_arn or (request.kind != "role" and request.principal)):
                    ways.add("itself")
                elif request.role and is_role(name, request):
                    ways.add("role")
                elif request.unique_id and name == request.unique_id:
                    ways.add("itself" if request.kind == "user" else "role")
            elif (kind == "Service" and request.kind == "service" and name == request.principal) or (
                kind == "Federated" and request.kind == "provider" and name in (request.principal, "*")
            ):
                ways.add("itself")
    return ways


def excepted(element: JSON, request: Request) -> bool:
    """[notprincipal]: account and user, or account, role and session must all stand there."""
    if element == "*":
        return True
    names = listed(element.get("AWS", []))
    if "*" in names:
        return True
    if request.kind == "service":
        return request.principal in listed(element.get("Service", []))
    if request.kind == "provider":
        return request.principal in listed(element.get("Federated", []))
    account = request.account in names or f"arn:aws:iam::{request.account}:root" in names
    if not request.account or not account:
        return False
    itself = request.principal in names or bool(request.unique_id and request.unique_id in names)
    if request.kind == "root":
        return True
    if request.kind in ("user", "federated_user"):
        return itself
    role = any(is_role(name, request) for name in names) or (request.kind == "role" and itself)
    return role and (not request.session_arn or request.session_arn in names)


def statements_of(document: JSON) -> list[tuple[JSON, bool]]:
    if isinstance(document, dict) and "document" in document:
        document = document["document"]
    variables = document.get("Version", "2008-10-17") == "2012-10-17"
    return [(statement, variables) for statement in listed(document["Statement"])]


class Says:
    """What some documents say: whether they deny, and whether (and naming the caller how) they allow."""

    def __init__(
        self, documents: list[JSON], request: Request, with_principal: bool = False, of_identity: bool = False
    ) -> None:
        self.denies = False
        self.allows = False
        self.ways: set[str] = set()
        for document in documents:
            for statement, variables in statements_of(document):
                ways = named(statement, request) if with_principal else {"caller"}
                if not ways or not applies(statement, variables, request, of_identity):
                    continue
                if statement["Effect"] == "Deny":
                    self.denies = True
                else:
                    self.allows = True
                    self.ways |= ways


RCP_SERVICES = (
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
    "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
    "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
    "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
    "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
    "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3",
    "secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract",
    "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray",
)  # fmt: skip
TRUST = [
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "setcontext",
    "setsourceidentity",
    "tagsession",
]
WRITES_ROLE = (
    "attachrolepolicy", "createrole", "deleterole", "deleterolepermissionsboundary", "deleterolepolicy",
    "detachrolepolicy", "putrolepermissionsboundary", "putrolepolicy", "updateassumerolepolicy",
)  # fmt: skip
WRITES_POLICY = (
    "createpolicy", "createpolicyversion", "deletepolicy", "deletepolicyversion", "setdefaultpolicyversion",
    "tagpolicy", "untagpolicy",
)  # fmt: skip
BUCKET_POLICY = ("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")
WITHOUT_ACCOUNT = (
    ("route53", "hostedzone/"), ("ec2", "image/"), ("ec2", "snapshot/"), ("apigateway", "/"),
    ("bedrock", "foundation-model/"), ("ssm", "document/"), ("securityhub", "product/"), ("cloudformation", "type/"),
)  # fmt: skip
"""Of the generator and the tables: resources without an account in their ARN that have no policies of their own."""
ANOTHER = "\0"


def evaluate(given: JSON) -> str:
    """The answer, whatever the session's name and whoever owns the resource, where these are not known."""
    request = Request(given)
    names = [""]
    if request.kind == "role":
        told_apart = sessions_named(request)
        names = [ANOTHER, *told_apart] if told_apart else [""]
        if "aws:userid" in lower(given) and any(request.keys["aws:userid"][:1]):
            names = [request.keys["aws:userid"][0].partition(":")[2] or ANOTHER]
    is_owner_known = request.owner is not None or has_no_owner(request.resource)
    owners = [request.owner or request.account] if is_owner_known else [request.account, ANOTHER]
    found = {evaluate_for(Request(given, name), owner) for name in names for owner in owners}
    if len(found) == 1:
        return found.pop()
    return "conditional" if "allow" in found else "implicit_deny"


def has_no_owner(resource: str) -> bool:
    """Service reference: whether a resource has neither an account in its ARN nor policies of its own."""
    about, _, account, path = (resource.split(":", 5) + [""] * 6)[2:6]
    return not account and any(about == service and path.startswith(kind) for service, kind in WITHOUT_ACCOUNT)


def sessions_named(request: Request) -> set[str]:
    """The names of sessions of the caller's role that policies with principals tell apart."""
    found = set()
    for layer in ("resource", "vpc_endpoint"):
        for document in listed(request.policies.get(layer) or []):
            for statement, _ in statements_of(document):
                element = statement.get("Principal") or statement.get("NotPrincipal")
                for name in listed(element.get("AWS", [])) if isinstance(element, dict) else []:
                    if name.startswith(f"arn:aws:sts::{request.account}:assumed-role/{request.role}/"):
                        found.add(name.split("/")[2])
    return found


def impossible(request: Request) -> bool:
    """What no policy can allow."""
    service, _, operation = request.action.lower().partition(":")
    about, _, account, path = (request.resource.split(":", 5) + [""] * 6)[2:6]
    if service == "sts":
        # [sts]: the root assumes no roles; long-term credentials alone get tokens.
        return (operation == "assumerole" and request.kind == "root") or (
            operation in ("getsessiontoken", "getfederationtoken")
            and request.kind in ("role", "session", "federated_user")
        )
    if service == "iam" and about == "iam":
        if path.startswith("policy/") and account == "aws":
            return operation in WRITES_POLICY
        if path.startswith("role/aws-service-role/"):
            return operation in WRITES_ROLE
        if path.startswith("role/aws-reserved/sso.amazonaws.com/"):
            is_identity_center = ":role/aws-service-role/sso.amazonaws.com/" in request.principal
            others = ("tagrole", "untagrole", "updaterole", "updateroledescription")
            return operation in (*WRITES_ROLE, *others) and not is_identity_center
    # [aliases]
    return (
        service == "kms"
        and path.startswith("alias/aws/")
        and operation in ("createalias", "updatealias", "deletealias")
    )


def is_linked(request: Request) -> bool:
    """[linked]: by its path; anybody may give a role a name like theirs."""
    role = request.principal if request.kind == "role" else ""
    if request.kind == "session":
        role = next(iter(request.keys["aws:principalarn"]), "")
    return role.startswith(f"arn:aws:iam::{request.account}:role/aws-service-role/")


def evaluate_for(request: Request, owner: str) -> str:
    """[logic], from the top of its page to the bottom."""
    policies = request.policies
    service, _, operation = request.action.lower().partition(":")
    if (service, operation) == ("sts", "getcalleridentity"):
        # [sts]: no permission, but a signature.
        return "implicit_deny" if request.kind in ("anonymous", "provider") else "allow"
    without_credentials = service == "sts" and operation in ("assumerolewithsaml", "assumerolewithwebidentity")
    linked = is_linked(request)
    is_aws_managed_key = service == "kms" and (
        ":alias/aws/" in request.resource
        or any(each.startswith("alias/aws/") for key in ("kms:requestalias",
            "kms:resourcealiases") for each in request.keys.get(key, []))
    )  # fmt: skip
    # [rcp]
    reached_by_rcp = service in RCP_SERVICES and not linked and not is_aws_managed_key
    reached_by_rcp = reached_by_rcp and (service, operation) != ("kms", "retiregrant")
    rcp = [Says(level, request) for level in policies.get("rcp") or []] if reached_by_rcp else []
    # [scp]: users and roles, the root included.
    bound = request.kind in ("user", "role", "session", "federated_user", "root") and not without_credentials
    scp = [Says(level, request) for level in policies.get("scp") or []] if bound and not linked else []
    endpoint = policies.get("vpc_endpoint")
    through = Says(listed(endpoint), request, True) if endpoint is not None else None
    resource = Says(listed(policies.get("resource") or []), request, True)
    is_bucket = request.resource.startswith("arn:aws:s3:::") and "/" not in request.resource
    if request.kind == "root" and is_bucket and request.action.lower() in BUCKET_POLICY and owner == request.account:
        resource.denies = False  # [s3]
    without_identity = request.kind in ("service", "provider", "anonymous") or without_credentials
    identity = boundary = session = None
    if not without_identity:
        if request.kind != "root":
            identity = Says(listed(policies.get("identity") or []), request, of_identity=True)
        if policies.get("permissions_boundary"):
            boundary = Says(listed(policies["permissions_boundary"]), request, of_identity=True)
        if policies.get("session") is not None:
            session = Says(listed(policies["session"]), request, of_identity=True)
    everything = [*rcp, *scp, through, resource, identity, boundary, session]
    if any(says.denies for says in everything if says is not None):
        return "explicit_deny"
    if impossible(request):
        return "implicit_deny"
    if not all(level.allows for level in [*rcp, *scp]) or (through is not None and not through.allows):
        return "implicit_deny"
    if without_identity:
        return "allow" if resource.ways & {"everyone", "itself"} else "implicit_deny"
    if (service, operation) == ("sts", "getsessiontoken") and request.kind in ("user", "root"):
        own = True
    else:
        own = request.kind == "root" or (identity is not None and identity.allows)
    if request.kind == "federated_user" and session is None:
        own = False  # [sts]: nothing was passed when the session began
    limits = (boundary is None or boundary.allows) and (session is None or session.allows)
    # [boundary]: a resource policy that names user, session or everyone is not limited; one naming the role is.
    by_resource = bool(resource.ways & {"everyone", "itself"}) or ("role" in resource.ways and limits)
    must_let = (service == "kms" and ":key/" in request.resource) or (
        service == "sts" and operation in TRUST and ":role/" in request.resource
    )
    same = by_resource or (own and limits and (resource.allows or not must_let))
    # [cross]: both accounts must allow.
    cross = own and limits and resource.allows
    return "allow" if (same if owner in (request.account, "aws") else cross) else "implicit_deny"
