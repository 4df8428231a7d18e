"""Resources in cells: one of each part that the statements of two instants tell apart, for one group of actions."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.comparing.elsewhere import elsewhere, everywhere
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.naming import Named, Names
from erstwhile.domain.history.comparing.resources import EVERYBODY, patterns_of
from erstwhile.domain.history.comparing.standing import Said, Standing
from erstwhile.domain.policy.evaluation.exemptions import BUCKET_POLICY, ROLE_TRUST
from erstwhile.domain.policy.evaluation.impossible import is_reserved, reserved_beginnings
from erstwhile.domain.policy.inputs.caller import own_endings
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, meet, parts
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.vocabulary.identifiers import account_in

OWN_RULES = ("kms:", "sts:")
"""Services whose resources always have policies, on which what may be done to them depends."""
TAGS = ("aws:resourcetag/", "iam:resourcetag/", "resource:", "aws:resource")
"""Beginnings of the condition keys that follow from a known resource."""


class Ground(NamedTuple):
    """Cells that are named together: all of the principal's own account, of AWS and of no account; or those of one
    region, which are named by the region's own pattern."""

    region: str
    owner: str
    """The account of the region, where it is another."""
    cells: list[str]
    patterns: list[str]
    inner: list[Ground]
    """Regions inside that patterns of their own tell apart: these say nothing of the cells elsewhere."""
    moved: frozenset[str] = frozenset()
    """The cells of resources of which something differs that bears on decisions, whatever the principal has."""

    def named(self, names: Names, places: BitMap) -> list[Named]:
        found = names.of(places)
        if not self.region:
            return found
        return [
            each if each.pattern == self.region else Named(self.region, (each.pattern, *each.also), each.excepts)
            for each in found
        ]


class _Cutting:
    """Patterns that may tell resources apart."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._by_beginning = Beginnings(patterns)

    def agreeing(self, region: str) -> list[str]:
        return [self._patterns[place] for place in self._by_beginning.agreeing(region)]


class ResourceCells:
    """As one principal finds them."""

    def __init__(
        self, instants: Instants, both: tuple[Standing, Standing], changed_keys: set[str], effort: Effort
    ) -> None:
        """`changed_keys`: the condition keys whose values follow from the caller, and differ."""
        self._instants = instants
        self._both = both
        self._effort = effort
        self._changed_keys = changed_keys
        self._account = both[1].caller.account
        self.meaning = self._known_meaning()

    def regions(
        self, action: str, read: set[str], is_moved: bool, telling: tuple[str, ...] | None, has_all_roles: bool = True
    ) -> dict[str, bool]:
        """Patterns of the known resources that may be decided about unlike others, or unlike before, for an action
        (lower case); of each whether that may be so where no statement of the principal's differs. `read`: the
        condition keys that the statements about it read; `is_moved`: whether the caller's side differs, and `telling`:
        for the resources of these patterns alone; None: for all. `has_all_roles`: with the roles of the account that
        let somebody else in, whose outcome is the same deny at both instants. Raises TooManyParts."""
        reads_tags = any(key.startswith(TAGS) for key in read)
        found = self._known_regions(action, reads_tags, is_moved, has_all_roles)
        if telling is None:
            return found
        self._effort.spend(len(found) * len(telling))
        met = self._instants.meeting(telling, found)
        return {each: moved for each, moved in found.items() if moved or each in met}

    def _known_regions(self, action: str, reads_tags: bool, is_moved: bool, has_all_roles: bool) -> dict[str, bool]:
        """The same, whatever tells of a difference: principals of an account whom the same resources mean have them in
        common, but for the roles that trust one."""
        if action in ROLE_TRUST:
            return self._regions(action, reads_tags, is_moved, has_all_roles)
        key = self._number, action, reads_tags, is_moved
        kept = self._instants.regions
        found = kept.get(key)
        return found if found is not None else kept.keep(key, self._regions(action, reads_tags, is_moved, True))

    @cached_property
    def _number(self) -> int:
        """Of that on which the regions rest."""
        return self._instants.numbers.of((self._account, tuple(self.meaning), frozenset(self._changed_keys)))

    def grounds(
        self,
        action: str,
        about: list[list[Said]],
        regions: dict[str, bool],
        is_moved: bool,
        telling: tuple[str, ...] | None,
    ) -> list[Ground]:
        """What has to be decided about for an action (lower case). `about`: the statements at each instant that bear on
        it; `regions` of it, and the others as above. Raises TooManyParts."""
        is_everywhere = is_moved and self._instants.within is None
        if not regions and not is_everywhere:
            return []
        patterns = dict.fromkeys(
            pattern
            for each, one in zip(about, self._both, strict=True)
            for said in each
            for pattern in said.compiled.resource_patterns(one.context().get)
        )
        account = self._account
        found: list[Ground] = []
        # A pattern cuts nothing on which something differs where it meets none of those that tell of a difference. What
        # lies outside these is alike, however it is cut; it is there, so that no name reaches into it.
        general = [each for each in (*patterns, *_of_aws(action)) if telling is None or self._meets(each, telling)]
        own = Ground("", "", [], ["*", "arn:*", *everywhere(account), *general], [])
        cells: dict[str, None] = {}
        moved: set[str] = set()
        own_patterns = set(general)
        cutting_all, cutting_own = _Cutting(list(patterns)), _Cutting(general)
        for region, has_moved in regions.items():
            cutting = self._cutting(region, cutting_all if has_moved else cutting_own)
            inside = parts((region,), cutting, self._effort) if is_pattern(region) else (region,)
            owner = account_in(region)
            ground = Ground(
                region, owner if owner not in ("aws", account) else "", list(inside), [region, *cutting], [],
                frozenset(inside if has_moved else ()),
            )  # fmt: skip
            moved |= ground.moved
            if is_everywhere and not ground.owner:
                cells |= dict.fromkeys(inside)
                own.patterns.append(region)
                if not own_patterns >= set(cutting):
                    own.inner.append(ground)
            else:
                found.append(ground)
        own = own._replace(moved=frozenset(moved))
        if is_everywhere:
            cells |= dict.fromkeys(elsewhere(account, general, list(regions), self._effort))
        own.cells.extend(cells)
        return [own, *found] if cells else found

    @cached_property
    def _reading(self) -> list[str]:
        """Of the resources whose policies may mean the caller, those of which a policy reads a key that differs."""
        read_by = self._instants.read_by
        return [arn for arn in self.meaning if not read_by(arn).isdisjoint(self._changed_keys)]

    @cached_property
    def _moved(self) -> list[str]:
        """The resources of which something differs that may concern the caller, whatever tags its statements read."""
        instants = self._instants
        always = instants.changing_hands | instants.may_be_unknown
        return [arn for arn in instants.moved if arn in always or arn in self.meaning]

    @cached_property
    def trusting(self) -> dict[str, None]:
        """The roles whose trust policies may let the caller in at one of the instants."""
        endings = (own_endings(standing.caller) for standing in self._both)
        return self._instants.trust.letting_in(set().union(*endings))

    def are_others(self, grounds: Iterable[Ground], regions: Container[str]) -> bool:
        """Whether no cell of what lies outside the regions is one of the account's roles."""
        roles = self._instants.trust.of_account(self._account)
        return not any(cell in roles and cell not in regions for ground in grounds for cell in ground.cells)

    def is_never_trusted(self, resource: str) -> bool:
        """Whether it is a role of the caller's account that lets somebody else in, at both instants."""
        return resource in self._instants.trust.of_account(self._account) and resource not in self.trusting

    def _known_meaning(self) -> dict[str, None]:
        """The known resources whose policies may mean the caller at one of the instants: of users those that moved, of
        roles those where it may matter."""
        instants = self._instants
        found: dict[str, None] = {}
        for known, standing in zip(instants.known, self._both, strict=True) if instants.within is None else ():
            found |= dict.fromkeys(known.of("resource").meaning(standing.caller))
            # What roles trust it with may follow from its tags. What the clock does to their policies is known: they
            # moved.
            if self._changed_keys - CLOCK:
                found |= dict.fromkeys(known.roles_reading_caller().meaning(standing.caller))
        endings = [own_endings(standing.caller) | {EVERYBODY} for standing in self._both]
        meaning: set[str] = set()
        for by_ending, own in zip(instants.asked_by_ending, endings, strict=True):
            meaning.update(*(by_ending.get(each, ()) for each in own))
        found |= {arn: None for arn in instants.asked if arn in meaning}
        return found

    def _regions(self, action: str, reads_tags: bool, is_moved: bool, has_all_roles: bool) -> dict[str, bool]:
        instants = self._instants
        if instants.within is not None:
            is_limited = any(side.owner in instants.limited for side in instants.sides_of(instants.within))
            is_asked = is_moved or is_limited or instants.has_within_moved
            return dict.fromkeys(patterns_of(instants.within), True) if is_asked else {}
        has_own_rules = action.startswith(OWN_RULES)
        changed = self._changed_keys
        reading = {arn: None for arn in self._reading if not self._keys_read(arn, action).isdisjoint(changed)}
        found = {
            arn: None
            for arn in (instants.moved if reads_tags else self._moved)
            if reads_tags
            or arn in instants.changing_hands
            or (has_own_rules and arn in instants.may_be_unknown)
            or (arn in self.meaning and self._speaks(arn, action))
        } | reading
        for owner in instants.limited:
            for known in instants.known:
                roles = known.of("role").arns if action.startswith("sts:") else ()
                found |= {arn: None for arn in (*self.meaning, *roles) if self._owner(arn) == owner}
        if is_moved:
            found |= instants.of_others(self._account)
            for known in instants.known:
                of = known.of("resource")
                if action.startswith("kms:"):
                    found |= {arn: None for arn in of.arns if ":key/" in arn}
                if reads_tags:
                    for kind in ("resource", "role", "user"):
                        found |= known.of(kind).tagged
            if action in ROLE_TRUST:
                # All of its own account: no name of what lies elsewhere may reach into them.
                found |= instants.trust.of_account(self._account) if has_all_roles else {}
                found |= self.trusting
            elif action.startswith("sts:"):
                found |= instants.trust.speaking_of(action)
            found |= {arn: None for arn in self.meaning if self._speaks(arn, action)}
        regions: dict[str, bool] = {}
        for arn in sorted(found):  # history that was rebuilt has them in another order than one that was kept up
            has_moved = bool(instants.limited) or arn in instants.moved or arn in reading
            for pattern in patterns_of(arn):
                regions[pattern] = regions.get(pattern, False) or has_moved
        return regions

    def limiting(self, region: str) -> list[CompiledStatement]:
        """The statements of the resource control policies over resources of another account than the principal's, of
        which its own statements are not."""
        instants = self._instants
        return [] if instants.is_owned_by(self._account, region) else instants.limiting(region)

    def _owner(self, arn: str) -> str | None:
        before, after = self._instants.sides_of(arn)
        return before.owner or after.owner

    def _keys_read(self, arn: str, action: str) -> set[str]:
        policies = [side.policy for side in self._instants.sides_of(arn) if side.policy is not None]
        about = [said for policy in policies for said, _, _ in policy.about(action)]
        return {key for compiled in (*about, *self.limiting(arn)) for key in compiled.keys_read}

    def _speaks(self, arn: str, action: str) -> bool:
        policies = (side.policy for side in self._instants.sides_of(arn))
        return any(policy is not None and (policy.why or policy.about(action)) for policy in policies)

    def _cutting(self, region: str, patterns: _Cutting) -> tuple[str, ...]:
        """The patterns that tell the resources of a region of known ones apart."""
        if not is_pattern(region):
            return ()
        found = {each for each in patterns.agreeing(region) if meet(each, region)}
        for compiled in (*self._instants.speaking(region), *self.limiting(region)):
            for one in self._both if compiled.varies else self._both[:1]:
                found.update(compiled.resource_patterns(one.context().get))
        return tuple(sorted(found))

    def _meets(self, pattern: str, others: Sequence[str]) -> bool:
        self._effort.spend(len(others))
        return any(meet(each, pattern) for each in others)


def _of_aws(action: str) -> list[str]:
    """Patterns of the resources to which rules of AWS's own apply, for an action (lower case)."""
    found = [f"arn:*:*:*:*:{beginning}*" for beginning in reserved_beginnings(action)]
    if action.startswith("kms:"):
        found += ["*:key/*", "*:alias/aws/*"]
    if action in ROLE_TRUST:
        found.append("*:role/*")
    if action in BUCKET_POLICY:
        found.append("arn:*:s3:::*")
    if is_reserved(action, "arn:aws:iam::aws:policy/x"):
        found.append("*:iam::aws:policy/*")
    return found
