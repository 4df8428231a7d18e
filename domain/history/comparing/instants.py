"""Two instants of a history, with what the comparisons of all principals share."""

from __future__ import annotations

from functools import cached_property

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.history.comparing.causes import Changes
from erstwhile.domain.history.comparing.concerned import Concerned
from erstwhile.domain.history.comparing.resources import ResourcesAt, side_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.identifiers import account_in


class Instants:
    def __init__(
        self,
        before: Directory,
        after: Directory,
        history: FactHistory,
        changes: Changes,
        concerned: Concerned,
        within: str | None = None,
    ) -> None:
        """`within`: the ARN of the one resource that is asked about; None for all."""
        self.directories = (before, after)
        self.changes = changes
        self.known = (ResourcesAt(before, history), ResourcesAt(after, history))
        self.moved = concerned.moved
        """The ARNs of the resources of which something differs that bears on decisions."""
        self.limited = concerned.limited
        """The accounts of which what limits the use of their resources differs."""
        self.within = within
        self._speaking: dict[str, list[CompiledStatement]] = {}
        self._of_others: dict[str, dict[str, None]] = {}
        self.has_within_moved = within is not None and any(
            each.arn in self.moved for directory in self.directories for each in find_resources(directory, within)
        )

    def speaking(self, region: str) -> list[CompiledStatement]:
        """The statements of the policies of a resource at the two instants; of any one that matches, for a pattern."""
        found = self._speaking.get(region)
        if found is None:
            arn = region.replace("*", "x").replace("?", "x")
            policies = [side_of(directory, arn).policy for directory in self.directories]
            found = [compiled for policy in policies if policy is not None for compiled, _, _ in policy.placed]
            self._speaking[region] = found
        return found

    def of_others(self, account: str) -> dict[str, None]:
        """The known resources whose ARNs tell no account, and that are of another one at one of the instants."""
        found = self._of_others.get(account)
        if found is None:
            found = self._of_others[account] = {
                arn: None
                for known, directory in zip(self.known, self.directories, strict=True)
                for arn in known.of("resource").elsewhere
                if side_of(directory, arn).owner != account
            }
        return found

    @cached_property
    def organizations(self) -> list[Entity]:
        """Those of one of the instants, or of both."""
        found = (each for directory in self.directories for each in directory.of_kind("organization"))
        return list({each.key: each for each in found}.values())

    @cached_property
    def changing_hands(self) -> set[str]:
        """The moved resources whose account is another one, or known at one of the instants only."""
        return {
            arn
            for arn in self.moved
            if not account_in(arn) and len({side_of(each, arn).owner for each in self.directories}) > 1
        }

    @cached_property
    def may_be_unknown(self) -> set[str]:
        """The moved roles and keys of which, at one of the instants, a policy is not known that is always there."""
        return {
            arn
            for arn in self.moved
            if (":key/" in arn or ":role/" in arn)
            and any(side_of(each, arn).policy is None and find_resources(each, arn) for each in self.directories)
        }
