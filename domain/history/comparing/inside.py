"""What statements say inside of one pattern of resources: all that counts where the outcome may differ there alone.

A pattern here is an ARN, or the beginning of one: two such are apart, or one is inside of the other. So what differs
inside of one of them does not rest on what statements say elsewhere, and principals who have little in common have
this.

Serves the row "difference of two days" of `make bench-history`; tests/domain/history/test_diff_pieces.py holds it to
comparing all resources at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from erstwhile.domain.history.comparing.elsewhere import ArnText, text_of
from erstwhile.domain.history.comparing.nested import Nested, nested
from erstwhile.domain.history.comparing.numbers import Numbers
from erstwhile.domain.history.comparing.resources import TAGS
from erstwhile.domain.history.comparing.standing import Said
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.language.patterns.pattern_parts import meet
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import account_in

if TYPE_CHECKING:
    from erstwhile.domain.history.comparing.instants import Instants

NOTHING, CANNOT_SAY = 0, -1
_RESOURCES, _PRINCIPALS = 3, 5
"""Where the content of a statement has what stands behind its actions, and behind its resources."""
_MOST_ROOTS = 4_000
_MOST_REGIONS = 64


class Root:
    """A pattern that tells of a difference, and is inside of no other that does."""

    def __init__(self, number: int, pattern: str, text: ArnText, place: tuple[str, bool]) -> None:
        self.number = number
        self.pattern = pattern
        self.place = place
        self._text = text
        self.says: dict[int, int] = {}
        """By the number of a statement, what it says inside: a number, `NOTHING` or `CANNOT_SAY`."""
        self._regions: dict[int, tuple[dict[str, bool], tuple[str, ...] | None]] = {}

    def has(self, resource: str) -> bool:
        """Whether a resource is inside."""
        text = self._text
        return resource.startswith(text.text) if text.is_beginning else resource == text.text

    def inside(self, pattern: str) -> str | None:
        """What of a pattern is inside: all ('*'), the pattern, or nothing (''). None where that cannot be said."""
        if pattern == "*":
            return "*"
        other = text_of(pattern)
        if other is None:
            return None if meet(pattern, self.pattern) else ""
        own = self._text
        if other.text == own.text:
            return "*" if other.is_beginning or not own.is_beginning else pattern
        if other.is_beginning and own.text.startswith(other.text):
            return "*"
        return pattern if own.is_beginning and other.text.startswith(own.text) else ""

    def regions(self, known: dict[str, bool], account: str) -> tuple[str, ...] | None:
        """Those of the patterns of known resources that are inside; None where one is so in part, or of another
        account than the principal's."""
        kept = self._regions.get(id(known))
        if kept is None:
            if len(self._regions) >= _MOST_REGIONS:
                self._regions.clear()
            kept = self._regions[id(known)] = known, self._find_regions(known, account)  # no other has its id
        return kept[1]

    def _find_regions(self, known: Iterable[str], account: str) -> tuple[str, ...] | None:
        found = []
        for region in known:
            inside = self.inside(region)
            if inside == "*":
                inside = region if region == self.pattern else None
            if inside is None or (inside and account_in(region) not in ("", "aws", account)):
                return None
            if inside:
                found.append(region)
        return tuple(found)


class _Numbered(NamedTuple):
    place: tuple[str, int]
    content: tuple[object, ...]
    compiled: CompiledStatement
    is_fit: bool
    """Whether it names the resources that it is about, and nothing else says which these are."""


class OfRegions(NamedTuple):
    """What the policies of some known resources say about an action."""

    number: int
    alone: frozenset[str]
    """How the names end that they mean alone."""
    read: frozenset[str]
    """The condition keys that they read."""


class Inside:
    """Of the statements of all principals at two instants."""

    def __init__(self, instants: Instants) -> None:
        self._instants = instants
        self._numbers = Numbers()
        self._statements: list[_Numbered] = []
        self.besides: list[int] = []
        """By the number of a statement, what it says besides its actions."""
        self.unfit: set[int] = set()
        """The numbers of statements of which nothing can be said inside of a pattern."""
        self.everywhere: set[int] = set()
        """Of those that are about all resources."""
        self.allowing: set[int] = set()
        """Of those that allow an identity something on all of them."""
        self._reading: dict[str, set[int]] = {}
        self._roots: dict[str, Root] = {}
        self._roots_of: Bounded[tuple[frozenset[int], tuple[str, ...]], tuple[Root, ...] | None] = Bounded(_MOST_ROOTS)
        self._said = Numbers()
        self.covering: dict[int, tuple[int, frozenset[str]]] = {}
        """By what a statement says inside: what it says of the resources that it is about, and their patterns; '*' for
        all that are inside."""
        self._nested: Bounded[tuple[int, frozenset[str]], Nested | None] = Bounded(_MOST_ROOTS)
        self.read: dict[int, frozenset[str]] = {}
        """By what a statement says inside, the condition keys that it reads, where conditions decide."""
        self._of_regions: dict[tuple[tuple[str, ...], str], OfRegions | None] = {}

    def number_of(self, said: Said) -> int:
        """Equal for statements that say the same where they stand."""
        number = self._numbers.of((said.place, said.content))
        if number == len(self._statements):
            compiled = said.compiled
            is_fit = _is_fit(compiled)
            self._statements.append(_Numbered(said.place, said.content, compiled, is_fit))
            if not is_fit:
                self.unfit.add(number)
            if "*" in (compiled.resources or ()):
                self.everywhere.add(number)
                if compiled.allows and said.place[0] == "identity":
                    self.allowing.add(number)
            self.besides.append(self._said.of((said.place, said.content[0], *said.content[_RESOURCES:])))
            for key in compiled.keys_read:
                self._reading.setdefault(key, set()).add(number)
        return number

    def reading(self, numbers: frozenset[int], keys: Iterable[str]) -> frozenset[int]:
        """Those of some statements that read one of some condition keys."""
        return numbers.intersection(*[set().union(*(self._reading.get(each, ()) for each in keys))])

    def names(self, numbers: Iterable[int], pattern: str) -> bool:
        """Whether one of some statements names this pattern."""
        return any(pattern in (self._statements[each].compiled.resources or ()) for each in numbers)

    def roots_of(self, numbers: frozenset[int], regions: tuple[str, ...]) -> tuple[Root, ...] | None:
        """The patterns of these statements, and of known resources, that are inside of no other, besides that of all
        resources; None where that cannot be said."""
        key = numbers, regions
        if key not in self._roots_of:
            self._roots_of.keep(key, self._find_roots(numbers, regions))
        return self._roots_of.entries[key]

    def say(self, root: Root, number: int) -> int:
        """What a statement says inside of a pattern, besides its actions; in `Root.says` too."""
        found = root.says.get(number)
        if found is None:
            found = root.says[number] = self._say(root, self._statements[number])
        return found

    def of_regions(self, regions: tuple[str, ...], action: str) -> OfRegions | None:
        """What the policies of known resources say about an action (lower case); None where they may mean anyone but
        some."""
        key = regions, action
        if key not in self._of_regions:
            self._of_regions[key] = self._find_of_regions(regions, action)
        return self._of_regions[key]

    def _find_roots(self, numbers: frozenset[int], regions: tuple[str, ...]) -> tuple[Root, ...] | None:
        patterns = dict.fromkeys(regions)
        for number in numbers:
            patterns.update(dict.fromkeys(self._statements[number].compiled.resources or ()))
        patterns.pop("*", None)
        texts: dict[str, tuple[ArnText, tuple[str, bool]]] = {}
        for pattern in patterns:
            text = text_of(pattern)
            if text is None or text.place is None:
                return None
            texts[pattern] = text, text.place
        found: list[Root] = []
        around = ""
        # What is around comes just before what is inside.
        for pattern, (text, place) in sorted(texts.items(), key=_by_text):
            if not around or not text.text.startswith(around):
                found.append(self._root(pattern, text, place))
                around = text.text if text.is_beginning else ""
        return tuple(found)

    def root_of(self, region: str) -> Root | None:
        """A pattern of known resources; None for one that is no ARN and no beginning of one."""
        text = text_of(region)
        return None if text is None or text.place is None else self._root(region, text, text.place)

    def read_by(self, numbers: Iterable[int]) -> frozenset[str]:
        """The condition keys that some statements read."""
        return frozenset(key for each in numbers for key in self._statements[each].compiled.keys_read)

    def nested(self, root: Root, says: Iterable[int]) -> Nested | None:
        """The parts of a root into which its resources are cut by what is said inside."""
        patterns = frozenset(root_pattern for each in says for root_pattern in self.covering[each][1]) - {"*"}
        key = root.number, patterns
        if key not in self._nested:
            self._nested.keep(key, nested((root.pattern, *patterns)))
        return self._nested.entries[key]

    def _root(self, pattern: str, text: ArnText, place: tuple[str, bool]) -> Root:
        root = self._roots.get(pattern)
        if root is None:
            root = self._roots[pattern] = Root(len(self._roots), pattern, text, place)
        return root

    def _say(self, root: Root, said: _Numbered) -> int:
        if not said.is_fit:
            return CANNOT_SAY
        inside = {root.inside(pattern) for pattern in said.compiled.resources or ()} - {""}
        if not inside:
            return NOTHING
        if None in inside:
            return CANNOT_SAY
        cover: Hashable = (said.place, said.content[0], *said.content[_PRINCIPALS:])
        patterns = frozenset(each for each in inside if each is not None)
        number = self._said.of((self._said.of(cover), patterns)) + 1
        self.covering[number] = self._said.of(cover), patterns
        if not said.compiled.is_fixed:
            self.read[number] = said.compiled.keys_read
        return number

    def _find_of_regions(self, regions: tuple[str, ...], action: str) -> OfRegions | None:
        instants = self._instants
        policies: dict[int, Layer] = {id(each): each for region in regions for each in instants.policies_of(region)}
        spoken: list[Hashable] = []
        alone: set[str] = set()
        read: set[str] = set().union(*map(instants.read_in_patterns, regions))
        for each in policies.values():
            about = each.about(action)
            if about:
                means = instants.meant_alone(each)
                if means is None:
                    return None
                alone |= means
                read.update(key for compiled, _, _ in about for key in compiled.keys_read)
                spoken.append((id(each), tuple([id(said) for said, _, _ in about])))
        return OfRegions(instants.numbers.of((regions, frozenset(spoken))), frozenset(alone), frozenset(read))


def _is_fit(compiled: CompiledStatement) -> bool:
    return (
        compiled.resources is not None
        and not compiled.varies
        and compiled.statement.not_resources is None
        and not any(key.startswith(TAGS) for key in compiled.keys_read)
    )


def _by_text(each: tuple[str, tuple[ArnText, tuple[str, bool]]]) -> tuple[str, bool]:
    text = each[1][0]
    return text.text, not text.is_beginning
