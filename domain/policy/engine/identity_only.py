# mypyc: compiled
"""A short cut for requests that meet nothing but identity policies, which most do.

Serves the row "never asked before" of `make bench-engine`.
"""

from __future__ import annotations

from erstwhile.domain.policy.engine.indexed_layer import ActionStatements, IndexedLayer
from erstwhile.domain.policy.evaluation.conclusion import conclude, determining
from erstwhile.domain.policy.evaluation.evaluate import WITH_IDENTITY_POLICIES
from erstwhile.domain.policy.evaluation.evaluation import Evaluation
from erstwhile.domain.policy.evaluation.logic import Verdicts
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Decision, Request

_NOT_BY_IDENTITY = Decision(effect="implicit_deny", blocked_by=("identity",))


def statements_alone(request: Request, side: CallerSide, target: ResourceSide) -> ActionStatements | None:
    """The statements that decide about a request by themselves; None where another layer, or a rule of AWS's own, has
    a say."""
    if (
        target.has_policies or target.owner != side.caller.account or request.session_policies is not None
        or side.boundary is not None or side.scp is not None or side.session is not None
        or side.caller.kind not in WITH_IDENTITY_POLICIES
    ):  # fmt: skip
        return None
    identity = side.identity
    return identity.on_usual(request.action) if isinstance(identity, IndexedLayer) else None


def decide_by(statements: ActionStatements, request: Request, side: CallerSide, target: ResourceSide) -> Decision:
    """`evaluate`, of a request that these statements decide about."""
    evaluation = Evaluation(request, side.caller, target.keys)
    allows = statements.verdict(evaluation)
    if evaluation.denies is False:
        if allows is True:
            return Decision(
                effect="allow",
                determining=tuple([determining(each, side.path_prefix) for each in evaluation.allowing]),
            )
        if allows is False:
            return _NOT_BY_IDENTITY
    verdicts = Verdicts()
    verdicts.identity = allows
    return conclude(evaluation, verdicts, side.path_prefix)
