# mypyc: compiled
"""The decision that follows from what the layers said, with what it rests on."""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.evaluation import Evaluation, PlacedStatement
from erstwhile.domain.policy.evaluation.logic import Verdicts
from erstwhile.domain.policy.inputs.request import Decision, Determining, Residual


def conclude(evaluation: Evaluation, verdicts: Verdicts, path_prefix: str) -> Decision:
    """An explicit deny in any layer settles it, whatever else is unknown; then `Verdicts.allows`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    denies = evaluation.denies
    if denies is True:
        denying = evaluation.denying
        return Decision(
            effect="explicit_deny",
            determining=tuple([determining(each, path_prefix) for each in denying]),
            blocked_by=tuple(dict.fromkeys([layer for _, _, layer in denying])),
        )
    allows = verdicts.allows()
    if allows is True and denies is False:
        return Decision(effect="allow", determining=_allowing(evaluation, path_prefix))
    if allows is False:
        return Decision(effect="implicit_deny", blocked_by=verdicts.blocked_by())
    missing = set(evaluation.missing)
    if verdicts.same_account is None and allows is None:
        missing.add("aws:ResourceAccount")
    return Decision(
        effect="conditional",
        determining=_allowing(evaluation, path_prefix),
        missing_context=tuple(sorted(missing)),
        residual=_residual(evaluation),
        unknown=tuple(dict.fromkeys(evaluation.unknown)),
    )


def determining(placed: PlacedStatement, path_prefix: str) -> Determining:
    """A statement as an answer names it. `path_prefix`: `CallerSide.path_prefix`."""
    statement, source, layer = placed
    return Determining(
        effect="Allow" if statement.allows else "Deny",
        policy=source.policy,
        version=source.version,
        statement=statement.statement.index,
        sid=statement.statement.sid,
        path=(path_prefix, *source.path) if path_prefix and layer == "identity" else source.path,
        granted_by=source.granted_by,
        defined_by=source.defined_by,
        layer=layer,
    )


def _allowing(evaluation: Evaluation, path_prefix: str) -> tuple[Determining, ...]:
    """All that allows."""
    return (*evaluation.by_rule, *[determining(each, path_prefix) for each in evaluation.allowing])


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
