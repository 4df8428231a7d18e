# mypyc: compiled
"""The decision that follows from what the layers said, with what it rests on."""

from __future__ import annotations

import msgspec

from erstwhile.domain.policy.evaluation.evaluation import Evaluation
from erstwhile.domain.policy.evaluation.logic import Verdicts
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.request import Decision, Determining, Residual


def conclude(evaluation: Evaluation, verdicts: Verdicts, side: CallerSide) -> Decision:
    """An explicit deny in any layer settles it, whatever else is unknown; then `Verdicts.allows`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    denies = evaluation.denies
    if denies is True:
        denying = evaluation.denying
        return Decision(
            effect="explicit_deny",
            determining=tuple([side.determining(each) for each in denying]),
            blocked_by=tuple(dict.fromkeys([layer for _, _, layer in denying])),
        )
    allows = verdicts.allows()
    if allows is True and denies is False:
        return Decision(effect="allow", determining=_allowing(evaluation, side))
    if allows is False:
        return Decision(effect="implicit_deny", blocked_by=verdicts.blocked_by())
    missing = set(evaluation.missing)
    if verdicts.same_account is None and allows is None:
        missing.add("aws:ResourceAccount")
    return Decision(
        effect="conditional",
        determining=(*_allowing(evaluation, side), *_would_allow(evaluation, side)),
        missing_context=tuple(sorted(missing)),
        residual=_residual(evaluation),
        unknown=tuple(dict.fromkeys(evaluation.unknown)),
    )


def _allowing(evaluation: Evaluation, side: CallerSide) -> tuple[Determining, ...]:
    """All that allows."""
    return (*evaluation.by_rule, *[side.determining(each) for each in evaluation.allowing])


def _would_allow(evaluation: Evaluation, side: CallerSide) -> list[Determining]:
    """What would allow if its conditions held."""
    return [msgspec.structs.replace(side.determining(each), undecided=True) for each in evaluation.would_allow]


def _residual(evaluation: Evaluation) -> tuple[Residual, ...]:
    """The conditions on keys that are missing."""
    return tuple(
        Residual(
            effect="Allow" if statement.allows else "Deny",
            policy=source.policy,
            statement=statement.statement.index,
            operator=condition.entry.operator,
            key=condition.entry.key,
            values=condition.entry.values,
        )
        for statement, source, _ in evaluation.undecided
        for condition in statement.conditions
        if condition.holds(evaluation.context) is None
    )
