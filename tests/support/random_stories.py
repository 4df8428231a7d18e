"""Stories at random, in which everything that exists was created on record but for one user, whom listings tell of:
users come, go and are renamed; groups, policies, boundaries, trust, a bucket's policy and guardrails change. In richer
ones, policies and groups are deleted and created again, and there are policies that nobody has seen, or that AWS
changes."""

from __future__ import annotations

import random
from collections.abc import Iterator

from erstwhile.domain.events import Body
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDetached,
    GuardrailPut,
    OrganizationListed,
    OrganizationNode,
    OrganizationNodePlaced,
)
from erstwhile.domain.events.principals import EntityListed, GroupDeleted
from erstwhile.domain.events.resources import ResourcePolicyDeleted, ResourcePolicyPut
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.documents import allow, text, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    bounded,
    created,
    default,
    deleted,
    detached,
    group,
    inline,
    inline_deleted,
    joined,
    left,
    of_aws,
    policy,
    policy_deleted,
    renamed,
    role,
    second,
    tagged,
    trusts,
    unbounded,
    untagged,
    user,
    version,
    version_of_aws,
)

BUCKET = "arn:aws:s3:::bucket"
ORGANIZATION = "999988887777"
GROUPS = (group("team"), group("others"))
ADMIN = role("admin")
NAMES = ("eve", "bob")
_GUARDRAIL = "p-1"
_NODES = ("r-1", "ou-1", ACCOUNT)
_DOCUMENTS = (
    allow("s3:GetObject"), allow("s3:*"), allow("sts:AssumeRole"), allow("*", "arn:aws:s3:::bucket/${aws:username}*"),
    allow("s3:Get*", Condition={"DateLessThan": {"aws:CurrentTime": "2026-03-03T12:00:30Z"}}),
    allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
    text({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}),
)  # fmt: skip
_FULL = allow("*")
_TRUSTED = (arn("root"), arn("user/eve"), arn("user/bob"), "*")


def random_story(chance: random.Random, length: int = 40, seconds: int = 60) -> list[Told]:
    """Events in the order in which they happened."""
    return _Teller(chance).story(length, seconds)


def richer_story(chance: random.Random, length: int = 40, seconds: int = 60) -> list[Told]:
    """Events in the order in which they happened, of more kinds."""
    told = _Teller(chance).story(length, seconds)
    more = (*_more(chance, length // 2, seconds), *_listed(chance, seconds, 2))
    return sorted((*told, *more), key=lambda each: each[0])


def _more(chance: random.Random, length: int, seconds: int) -> Iterator[Told]:
    yield version_of_aws(-8, "Ready", "v1", chance.choice(_DOCUMENTS))
    there = {"P": 1, "Q": 1}
    for at in sorted(chance.randrange(seconds) for _ in range(length)):
        name, team = chance.choice("PQ"), chance.choice(GROUPS)
        what = chance.randrange(8)
        if what == 0 and there[name] > 0:
            yield at, policy_deleted(name, there[name])
            there[name] = -there[name]
        elif what == 0:
            there[name] = 1 - there[name]
            yield at, policy(name, chance.choice((*_DOCUMENTS, None)), there[name])
        elif what == 1:
            yield version_of_aws(at, "Ready", f"v{at + 2}", chance.choice(_DOCUMENTS))
        elif what == 2:
            yield at, chance.choice((attached, detached))(chance.choice((team, ADMIN)), of_aws("Ready"))
        elif what == 3:
            unseen = chance.choice((arn("policy/never-seen"), of_aws("New")))
            yield at, chance.choice((attached, detached))(team, unseen)
        elif what == 4:
            yield at, inline(chance.choice((team, ADMIN)), None)
        elif what == 5:
            yield at, GroupDeleted(subject=team)
        elif what == 6:
            yield at, created(team)
        else:
            yield at, chance.choice((tagged(ADMIN, team="blue"), tagged(ADMIN, Team="red"), untagged(ADMIN, "team")))


def _listed(chance: random.Random, seconds: int, number: int) -> Iterator[Told]:
    """Listings of a user of whose creation no record tells, and what records tell of it by its name; `number`: of those
    who had it."""
    for at in (chance.randrange(seconds) for _ in range(chance.randrange(3))):
        yield at, EntityListed(
            subject=user("lou", number), arn=arn("user/lou"),
            created_at=format_instant(second(at - chance.randrange(seconds // 2))),
            groups=[each.name for each in GROUPS if chance.random() < 0.5],
            attached=[arn(f"policy/{name}") for name in "PQ" if chance.random() < 0.3],
            tags={"team": "red"} if chance.random() < 0.3 else {},
        )  # fmt: skip
        for _ in range(chance.randrange(3)):
            lou = Ref("user", "lou")
            what = chance.choice((inline(lou, chance.choice(_DOCUMENTS)), joined(lou, GROUPS[0]), deleted(lou)))
            yield at + chance.randrange(-seconds // 2, seconds // 2), what


class _Teller:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._living: dict[str, Ref] = {}
        self._born = 0

    def story(self, length: int, seconds: int) -> list[Told]:
        nodes = [OrganizationNode("r-1", "root"), OrganizationNode("ou-1", "unit", "r-1"),
                 OrganizationNode(ACCOUNT, "account", "r-1")]  # fmt: skip
        listed = OrganizationListed(organization="o-1", management_account=ORGANIZATION, nodes=nodes, policies=[])
        told: list[Told] = [
            (-10, listed, ORGANIZATION),
            *((-9, created(each)) for each in GROUPS),
            *((-9, policy(name, self._document())) for name in "PQ"),
            (-9, created(ADMIN, trust=trusting(arn("root")))),
        ]
        for at in sorted(self._chance.randrange(seconds) for _ in range(length)):
            told += [(at, *event) for event in self._events()]
        return sorted((*told, *_listed(self._chance, seconds, 1)), key=lambda each: each[0])

    def _document(self) -> str:
        return self._chance.choice(_DOCUMENTS)

    def _events(self) -> list[tuple[Body] | tuple[Body, str]]:
        chance = self._chance
        what = chance.randrange(10)
        if what == 0 or not self._living:
            return [(each,) for each in self._begin_or_end()]
        if what == 1:
            return [self._guardrail()]
        if what == 2:
            document = chance.choice((trusting(chance.choice(_TRUSTED), "s3:*"), None))
            if document is None:
                return [(ResourcePolicyDeleted(resource=BUCKET),)]
            return [(ResourcePolicyPut(resource=BUCKET, document=document),)]
        if what == 3:
            return [(trusts(ADMIN, trusting(chance.choice(_TRUSTED))),)]
        if what == 4:
            name = chance.choice("PQ")
            made = version(name, f"v{self._next()}", self._document())
            return [(chance.choice((made, default(name, "v1"))),)]
        return [(self._change(chance.choice([*self._living.values(), *GROUPS, ADMIN])),)]

    def _next(self) -> int:
        self._born += 1
        return self._born + 1

    def _begin_or_end(self) -> list[Body]:
        name = self._chance.choice(NAMES)
        who = self._living.pop(name, None)
        if who is None:
            self._living[name] = user(name, self._next())
            return [created(self._living[name])]
        other = next(each for each in NAMES if each != name)
        if other not in self._living and self._chance.random() < 0.4:
            self._living[other] = Ref("user", other, who.id)
            return [renamed(who, other)]
        return [deleted(who)]

    def _guardrail(self) -> tuple[Body, str]:
        chance = self._chance
        document = chance.choice((_FULL, *_DOCUMENTS))
        made = chance.choice((
            GuardrailPut(policy=_GUARDRAIL, policy_type="SERVICE_CONTROL_POLICY", document=document),
            GuardrailAttached(policy=_GUARDRAIL, target=chance.choice(_NODES)),
            GuardrailDetached(policy=_GUARDRAIL, target=chance.choice(_NODES)),
            OrganizationNodePlaced(node=ACCOUNT, kind="account", parent=chance.choice(("r-1", "ou-1"))),
        ))  # fmt: skip
        return made, ORGANIZATION

    def _change(self, who: Ref) -> Body:
        chance = self._chance
        arn_of_policy = arn(f"policy/{chance.choice('PQ')}")
        choices = [
            attached(who, arn_of_policy), detached(who, arn_of_policy), inline(who, self._document()),
            inline_deleted(who),
        ]  # fmt: skip
        if who.kind == "user":
            team = chance.choice(GROUPS)
            choices += [joined(who, team), left(who, team)]
        if who.kind != "group":
            choices += [bounded(who, arn_of_policy), unbounded(who), tagged(who, team="red"), untagged(who, "team")]
        return chance.choice(choices)
