"""The condition keys that follow from a caller's name alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erstwhile.domain.vocabulary.context_values import ContextDict

if TYPE_CHECKING:
    from erstwhile.domain.policy.inputs.caller import Caller

USER_ID = "aws:userid"
"""The condition key (lower case) that has the unique id, and the name of a role's session: `AROA…:name`."""
OWN_KEYS = frozenset(("aws:principalarn", "aws:username", USER_ID))
"""The condition keys (lower case) whose values no two principals share."""


def keys_of(caller: Caller) -> ContextDict:
    """The keys that follow from the name alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-tablekeyvalues
    """
    keys: ContextDict = {"aws:principalisawsservice": ("true" if caller.kind == "service" else "false",)}
    last = caller.arn.rsplit("/", 1)[-1]
    match caller.kind:
        case "anonymous":
            keys["aws:principaltype"] = ("Anonymous",)
            keys["aws:userid"] = ("anonymous",)
        case "service":
            keys["aws:principalservicename"] = (caller.arn,)
        case "provider":
            keys["aws:federatedprovider"] = (caller.arn,)
        case "root" if caller.account:
            keys["aws:principaltype"] = ("Account",)
            keys["aws:userid"] = (caller.account,)
            keys["aws:principalarn"] = (caller.arn,)
        case "user":
            keys["aws:principaltype"] = ("User",)
            keys["aws:username"] = (last,)
            keys["aws:principalarn"] = (caller.arn,)
        case "federated_user":
            keys["aws:principaltype"] = ("FederatedUser",)
            keys["aws:userid"] = (f"{caller.account}:{last}",)
            keys["aws:principalarn"] = (caller.arn,)
        case "role" | "session":
            keys["aws:principaltype"] = ("AssumedRole",)
            arn = caller.arn
            if caller.kind == "session":
                arn = f"arn:{caller.partition}:iam::{caller.account}:role/{caller.role}"
            keys["aws:principalarn"] = (arn,)
    if caller.account:
        keys["aws:principalaccount"] = (caller.account,)
    return keys
