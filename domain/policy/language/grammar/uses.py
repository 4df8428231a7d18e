"""What a policy document is for: the same statement may be good in one place and malformed in another.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
"""

from __future__ import annotations

from typing import Literal, get_args

Use = Literal["identity", "trust", "resource", "guardrail", "scp", "rcp", "endpoint", "session", "boundary"]
"""`guardrail`: a service or a resource control policy, where it is unknown which of the two."""
USES: tuple[Use, ...] = get_args(Use)

OF_PRINCIPALS: frozenset[Use] = frozenset(("identity", "session", "boundary"))
"""Of IAM's own grammar, whose ARNs may be short: what is left out is completed with stars."""
NAMELESS: frozenset[Use] = OF_PRINCIPALS | {"scp"}
"""May not name principals."""
GUARDRAILS: frozenset[Use] = frozenset(("guardrail", "scp", "rcp"))


def resource_use(resource: str) -> Use:
    """What the policy of a resource is for: that of a role is its trust policy."""
    return "trust" if is_role(resource) else "resource"


def is_role(resource: str) -> bool:
    """Whether an ARN is that of an IAM role."""
    parts = resource.split(":", 5)
    return len(parts) == 6 and parts[2] == "iam" and parts[5].startswith("role/")
