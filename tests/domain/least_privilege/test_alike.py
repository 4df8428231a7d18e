"""Groups of principals with like use."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from fractions import Fraction

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.least_privilege.alike import LIKENESS, Alike, alike
from erstwhile.domain.least_privilege.grants import Grants
from erstwhile.domain.use.used import Used

MAY = datetime(2026, 5, 1, tzinfo=UTC)
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:"


def use(who: str, action: str, resource: str = "", failed: bool = False) -> Used:
    return Used(
        account="111122223333", principal=f"arn:aws:iam::111122223333:user/{who}", call=action, action=action,
        resource=resource, first=MAY, last=MAY, calls=1, month="2026-05-01", failed=failed,
    )  # fmt: skip


def grouped(used: list[Used], likeness: Fraction = LIKENESS) -> list[Alike]:
    return list(alike(used, lambda members: [each for each in used if each.principal in members], likeness))


def names(group: Alike) -> list[str]:
    return [each.principal.rpartition("/")[2] for each in group.members]


def test_who_uses_the_same_is_one_group_and_what_each_uses_besides_is_said() -> None:
    found = grouped([
        *(use(who, action) for who in ("ada", "bob", "eve") for action in ("iam:ListUsers", "iam:ListRoles")),
        *(use(who, "sqs:SendMessage", f"{QUEUE}{who}") for who in ("ada", "bob")),
        use("eve", "iam:ListGroups"), use("max", "iam:ListUsers"), use("max", "s3:ListAllMyBuckets", "*"),
        use("eve", "sqs:SendMessage", f"{QUEUE}a", failed=True),
    ], Fraction(1, 2))  # fmt: skip
    [group] = found
    assert names(group) == ["ada", "bob", "eve"]
    assert group.shared == ("iam:ListRoles", "iam:ListUsers") and group.wide == group.shared
    assert [(each.likeness, each.besides) for each in group.members] == [
        (100, ("sqs:SendMessage",)), (100, ("sqs:SendMessage",)), (50, ("iam:ListGroups",)),
    ]  # fmt: skip


def test_a_shared_policy_names_what_every_record_tells() -> None:
    [group] = grouped([use(who, "sqs:SendMessage", f"{QUEUE}{who}") for who in ("ada", "bob")])
    assert orjson.loads(group.document)["Statement"] == [
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [f"{QUEUE}ada", f"{QUEUE}bob"]}
    ]
    [silent] = grouped([use("ada", "sqs:SendMessage", f"{QUEUE}ada"), use("bob", "sqs:SendMessage")])
    assert orjson.loads(silent.document)["Statement"][0]["Resource"] == ["*"] and silent.wide == ("sqs:SendMessage",)


def test_nobody_and_one_are_no_groups() -> None:
    assert grouped([]) == [] and grouped([use("ada", "iam:ListUsers")]) == []


_uses = st.lists(
    st.builds(
        use, st.sampled_from(("ada", "bob", "eve", "max", "tom")),
        st.sampled_from(("iam:ListUsers", "iam:ListRoles", "sqs:SendMessage", "sqs:PurgeQueue", "s3:ListAllMyBuckets")),
        st.sampled_from(("", "*", f"{QUEUE}a", f"{QUEUE}b")), st.sampled_from((False, False, True)),
    ),
    max_size=20,
)  # fmt: skip


@settings(max_examples=60)
@given(_uses, st.randoms())
def test_groups_do_not_depend_on_order_and_share_what_all_used(used: list[Used], chance: random.Random) -> None:
    found = grouped(used)
    shuffled = [*used]
    chance.shuffle(shuffled)
    assert grouped(shuffled) == found
    everybody = [name for group in found for name in names(group)]
    assert len(everybody) == len(set(everybody))
    for group in found:
        own = {each.principal: {one.action for one in used if one.principal == each.principal and not one.failed}
               for each in group.members}  # fmt: skip
        assert set(group.shared) == set.intersection(*own.values())
        for each in group.members:
            assert set(each.besides) == own[each.principal] - set(group.shared)
            leader = own[group.members[0].principal]
            assert Fraction(len(leader & own[each.principal]), len(leader | own[each.principal])) >= LIKENESS
        grants = Grants([group.document] if group.document else [])
        for one in used:
            if one.principal in own and one.action in group.shared and not one.failed and one.resource:
                assert grants.allows(one.action.lower(), one.resource, {})
