"""Which names are those of AWS's services, as Principal takes them: `lambda.amazonaws.com`.

AWS publishes no list. A name is taken for a service's by its last label, which is a service's prefix in the service
authorization reference, or stands in `service-principals.txt`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from erstwhile.domain.policy.knowledge.service_reference import services

_SUFFIX = re.compile(r"^(?P<name>[a-z0-9._-]+)\.amazonaws\.com(\.cn)?$", re.IGNORECASE)
_OTHER_SUFFIXES = (".aws.internal", ".aws.com", ".amazon.com", ".amazonaws.eu", ".api.aws")
_REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")
_FILE = Path(__file__).with_name("service-principals.txt")


def is_service_principal(name: str) -> bool:
    """Whether AWS has a service of this name, in any region."""
    if name.lower().endswith(_OTHER_SUFFIXES):
        return True
    found = _SUFFIX.match(name)
    if found is None:
        return False
    labels = [label for label in found["name"].lower().split(".") if not _REGION.match(label)]
    return bool(labels) and all(labels) and labels[-1] in _names()


@cache
def _names() -> frozenset[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(services()) | {line for line in lines if line and not line.startswith("#")}
