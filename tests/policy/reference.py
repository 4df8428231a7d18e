"""A second evaluator, slow and obvious, written from AWS's pages alone and from nothing of the engine's.

It takes the request of `erstwhile evaluate` as parsed JSON and answers in strict mode: `allow`, `explicit_deny`,
`implicit_deny`, or `conditional` where only the unknown owner of the resource decides. Comments name the page:
[logic] reference_policies_evaluation-logic, [cross] …evaluation-logic-cross-account, [principal]
reference_policies_elements_principal, [notprincipal] …_notprincipal, [operators] …_condition_operators,
[multi] reference_policies_condition-single-vs-multi-valued-context-keys, [variables] reference_policies_variables,
[boundary] access_policies_boundaries, [resource] reference_policies_elements_resource.
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


class Request:
    """What was asked, and all that follows from it."""

    def __init__(self, given: JSON) -> None:
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
        self.unique_id = told[0].split(":")[0] if told else ""


def lower(given: JSON) -> set[str]:
    return {key.lower() for key in given.get("context") or {}}


def spelled(pattern: str, request: Request, variables: bool) -> list[tuple[str, bool]]:
    """[variables]: a variable's value stands for itself; ${*}, ${?} and ${$} are the characters."""
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
            if held is not None and len(held) == 1:
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
    if name == "null":
        return any((value.lower() == "true") == (given is None) for value in wanted)
    if given is None and if_exists:
        return True
    negated = "not" in name
    name = name.replace("not", "")
    if given is None:
        # [multi]: ForAllValues is true of a missing key, ForAnyValue false. [operators]: a negated operator is true.
        return quantifier == "forallvalues" or (negated and quantifier != "foranyvalue")
    try:
        if variables and name.startswith(("string", "arn")):
            for value in wanted:
                spelled(value, request, variables)
        passes = [
            any(one_matches(name, value, each, request, variables) for value in wanted) != negated for each in given
        ]
    except Unset:
        return False
    if quantifier == "forallvalues" or (negated and not quantifier):
        return all(passes)
    return any(passes)


def applies(statement: JSON, variables: bool, request: Request) -> bool:
    """Whether action, resource and conditions fit; the principal is looked at apart."""
    member = "Action" if "Action" in statement else "NotAction"
    fits = any(wild(plain(action.lower()), request.action.lower()) for action in listed(statement[member]))
    if fits != (member == "Action"):
        return False
    if "Resource" in statement or "NotResource" in statement:
        member = "Resource" if "Resource" in statement else "NotResource"
        fits = False
        unset = False
        for resource in listed(statement[member]):
            try:
                fits = fits or matches_resource(spelled(resource, request, variables), request.resource)
            except Unset:
                unset = True
        if member == "NotResource" and unset and not fits:
            return False
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
    if "NotPrincipal" in statement:
        return set() if excepted(statement["NotPrincipal"], request) else {"everyone"}
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
                elif request.kind in ("user", "session", "federated_user") and name == request.principal:
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
    return role and (request.kind == "role" or request.principal in names)


def statements_of(document: JSON) -> list[tuple[JSON, bool]]:
    if isinstance(document, dict) and "document" in document:
        document = document["document"]
    variables = document.get("Version", "2008-10-17") == "2012-10-17"
    return [(statement, variables) for statement in listed(document["Statement"])]


class Says:
    """What some documents say: whether they deny, and whether (and naming the caller how) they allow."""

    def __init__(self, documents: list[JSON], request: Request, with_principal: bool = False) -> None:
        self.denies = False
        self.allows = False
        self.ways: set[str] = set()
        for document in documents:
            for statement, variables in statements_of(document):
                ways = named(statement, request) if with_principal else {"caller"}
                if not ways or not applies(statement, variables, request):
                    continue
                if statement["Effect"] == "Deny":
                    self.denies = True
                else:
                    self.allows = True
                    self.ways |= ways


RCP_SERVICES = ["aoss", "cognito-idp", "dynamodb", "ecr", "kms", "logs", "s3", "secretsmanager", "sqs", "sts"]
TRUST = [
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "setcontext",
    "setsourceidentity",
    "tagsession",
]


def evaluate(given: JSON) -> str:
    """[logic], from the top of its page to the bottom."""
    request = Request(given)
    policies = request.policies
    service, _, operation = request.action.lower().partition(":")
    if (service, operation) == ("sts", "getcalleridentity"):
        return "allow"
    linked = ":role/aws-service-role/" in request.principal or request.role.startswith("AWSServiceRoleFor")
    reached_by_rcp = service in RCP_SERVICES and (service, operation) != ("kms", "retiregrant") and not linked
    rcp = [Says(level, request) for level in policies.get("rcp") or []] if reached_by_rcp else []
    scp = [Says(level, request) for level in policies.get("scp") or []] if not linked else []
    endpoint = policies.get("vpc_endpoint")
    through = Says(listed(endpoint), request, True) if endpoint is not None else None
    resource = Says(listed(policies.get("resource") or []), request, True)
    without_identity = request.kind in ("service", "provider", "anonymous") or (
        service == "sts" and operation in ("assumerolewithsaml", "assumerolewithwebidentity")
    )
    identity = boundary = session = None
    if not without_identity:
        identity = Says(listed(policies.get("identity") or []), request) if request.kind != "root" else None
        if policies.get("permissions_boundary") is not None:
            boundary = Says(listed(policies["permissions_boundary"]), request)
        if policies.get("session") is not None:
            session = Says(listed(policies["session"]), request)
    everything = [*rcp, *scp, through, resource, identity, boundary, session]
    if any(says.denies for says in everything if says is not None):
        return "explicit_deny"
    if not all(level.allows for level in [*rcp, *scp]) or (through is not None and not through.allows):
        return "implicit_deny"
    if without_identity:
        return "allow" if resource.ways & {"everyone", "itself"} else "implicit_deny"
    if (service, operation) == ("sts", "getsessiontoken") and request.kind in ("user", "root"):
        own = True
    else:
        own = request.kind == "root" or (identity is not None and identity.allows)
    limits = (boundary is None or boundary.allows) and (session is None or session.allows)
    # [boundary]: a resource policy that names user, session or everyone is not limited; one naming the role is.
    by_resource = bool(resource.ways & {"everyone", "itself"}) or ("role" in resource.ways and limits)
    must_let = (service == "kms" and ":key/" in request.resource) or (
        service == "sts" and operation in TRUST and ":role/" in request.resource
    )
    same = by_resource or (own and limits and (resource.allows or not must_let))
    # [cross]: both accounts must allow.
    cross = own and limits and resource.allows
    if request.owner is None:
        return {(True, True): "allow", (False, False): "implicit_deny"}.get((same, cross), "conditional")
    return "allow" if (same if request.owner in (request.account, "aws") else cross) else "implicit_deny"
