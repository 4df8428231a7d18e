"""One resource of each part of those that nobody knows: of an account, of AWS and of no account.

Most patterns of policies are a whole ARN, or the beginning of one. Into which parts such patterns cut resources is seen
from the texts; all others are cut by `pattern_parts`.

Serves the row "difference of two days" of `make bench-history`; tests/domain/history/test_elsewhere.py holds it to
`pattern_parts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from erstwhile.domain.policy.language.match import LITERAL_QUESTION, LITERAL_STAR, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import MAX_PARTS, Effort, meet, parts

_WILD = ("*", "?", LITERAL_STAR, LITERAL_QUESTION)
_SPARE = "xyzuvw0123456789"
"""Letters to go on with."""
_SEGMENTS = 6
"""Of an ARN."""


class _Text(NamedTuple):
    """A pattern that is an ARN, or the beginning of one: at least up to what follows the account."""

    text: str
    is_beginning: bool
    place: tuple[str, bool] | None
    """Whose resources it means, and whether they are in a region; None where none can be named so."""


def elsewhere(account: str, cutting: Sequence[str], regions: Sequence[str], effort: Effort) -> list[str]:
    """One resource of each part into which the patterns `cutting` cut all resources of the account, of AWS and of no
    account, without those that match one of `regions`. Raises TooManyParts."""
    if not account:
        return []
    cuts = _Cuts(cutting, regions, effort)
    return ["*", *(cell for owner in _owners(account) for region in _REGIONS for cell in cuts.cells(owner, region))]


def everywhere(account: str) -> list[str]:
    """Patterns of all resources of an account, of AWS and of no account. A star within a segment ends with it, so no
    ARN matches two of them."""
    return [_within(owner, region) for owner in _owners(account) for region in _REGIONS]


_REGIONS = ("", "*?")


def _owners(account: str) -> tuple[str, str, str]:
    return account, "", "aws"


def _within(owner: str, region: str) -> str:
    return f"arn:*?:*?:{region}:{owner}:?*"


class _Cuts:
    def __init__(self, cutting: Sequence[str], regions: Sequence[str], effort: Effort) -> None:
        self._cutting = [each for each in dict.fromkeys(cutting) if each != "*"]
        self._regions = regions
        self._effort = effort
        known = _texts(regions)
        self._texts = _by_place(_texts(self._cutting))
        self._known = _by_place(known)
        self._are_texts = len(known) == len(regions)
        self._others = [each for each in self._cutting if _text(each) is None]

    def cells(self, owner: str, region: str) -> Iterable[str]:
        """Those of one owner, in regions of AWS or in none."""
        within = _within(owner, region)
        found = None
        if self._are_texts and not any(meet(within, each) for each in self._others):
            found = self._of_texts(owner, region)
        return self._walked(within) if found is None else found

    def _of_texts(self, owner: str, region: str) -> tuple[str, ...] | None:
        """None where they are not found so: too many, or one has none of the names that are tried."""
        place = owner, bool(region)
        cuts, known = (frozenset(those.get(place, ())) for those in (self._texts, self._known))
        found, steps = _of_place(owner, bool(region), cuts, known)
        self._effort.spend(steps)
        return found

    def _walked(self, within: str) -> Iterator[str]:
        cuts = {each for each in self._cutting if meet(within, each)}
        while True:
            cells = parts((within,), tuple(sorted(cuts)), self._effort)
            matching = [self._matching(cell) for cell in cells]
            met = {region for those in matching for region in those}
            if met <= cuts:
                break
            cuts |= met
        return (cell for cell, those in zip(cells, matching, strict=True) if not those)

    def _matching(self, cell: str) -> list[str]:
        """The regions that a cell is in."""
        wild, by_beginning = self._wild
        found = [wild[place] for place in by_beginning.agreeing(cell) if matches_resource(wild[place], cell)]
        return [*found, cell] if cell in self._whole else found

    @cached_property
    def _whole(self) -> frozenset[str]:
        """The regions that are one resource each: thousands, where all roles of an account are."""
        return frozenset(each for each in self._regions if not any(wildcard in each for wildcard in _WILD))

    @cached_property
    def _wild(self) -> tuple[list[str], Beginnings]:
        others = [each for each in self._regions if each not in self._whole]
        return others, Beginnings(others)


@lru_cache(maxsize=4_096)
def _of_place(
    owner: str, has_region: bool, cuts: frozenset[_Text], known: frozenset[_Text]
) -> tuple[tuple[str, ...] | None, int]:
    """(one resource of each part, or None; the steps that it took). In most places nothing is cut, and principals have
    policies in common."""
    beginnings = {each.text for each in cuts if each.is_beginning}
    known_beginnings = tuple(each.text for each in known if each.is_beginning)
    whole = {each.text for each in cuts if not each.is_beginning and _has_name(each.text)}
    known_whole = {each.text for each in known if not each.is_beginning}
    taken = whole | known_whole
    steps = (len(beginnings) + 1) * (len(beginnings) + len(known) + 1) // 8 + len(taken)
    found = [each for each in whole - known_whole if not each.startswith(known_beginnings)]
    longer = (*beginnings, *known_beginnings)
    candidates = [f"arn:x:x:{'x' if has_region else ''}:{owner}::"]
    for begun in ("", *beginnings):
        if begun:
            candidates = [begun, *(begun + letter for letter in _SPARE)]
        if begun.startswith(known_beginnings):
            continue
        inner = tuple(each for each in longer if len(each) > len(begun) and each.startswith(begun))
        cell = next((each for each in candidates if _is_free(each, taken, inner)), None)
        if cell is None:
            return None, steps
        found.append(cell)
    return (tuple(sorted(found, key=lambda each: (len(each), each))) if len(found) <= MAX_PARTS else None), steps


def _texts(patterns: Iterable[str]) -> list[_Text]:
    return [found for each in patterns if (found := _text(each)) is not None]


def _by_place(texts: Iterable[_Text]) -> dict[tuple[str, bool], list[_Text]]:
    found: dict[tuple[str, bool], list[_Text]] = {}
    for each in texts:
        if each.place is not None:
            found.setdefault(each.place, []).append(each)
    return found


def forget_cells() -> None:
    """Another comparison meets hardly any of these places cut in the same way."""
    _of_place.cache_clear()


@lru_cache(maxsize=65_536)
def _text(pattern: str) -> _Text | None:
    """None for all other patterns."""
    body = pattern[:-1] if pattern.endswith("*") else pattern
    segments = body.split(":", _SEGMENTS - 1)
    if len(segments) < _SEGMENTS or segments[0] != "arn" or any(each in body for each in _WILD):
        return None
    place = (segments[4], bool(segments[3])) if segments[1] and segments[2] else None
    return _Text(body, body != pattern, place)


def _is_free(cell: str, taken: set[str], inner: tuple[str, ...]) -> bool:
    return cell not in taken and not cell.startswith(inner) and _has_name(cell)


def _has_name(arn: str) -> bool:
    """Whether an ARN says more than whose it is."""
    return bool(arn.split(":", _SEGMENTS - 1)[-1])
