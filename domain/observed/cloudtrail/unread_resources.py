"""What a recorded call was done to, from parameters that are still JSON: what `called_resources` says of its record.

Of most calls one or two parameters tell the resource. They alone are read, and what they tell is kept: who works on a
queue or with a key does so again. For the row `import` of `make bench-import`, and for `make bench-use`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from erstwhile.domain.observed.cloudtrail.called_resources import (
    ARN_PARAMETERS,
    MOST,
    Rule,
    resources_of_call,
    rule_of,
    with_name,
)
from erstwhile.domain.observed.cloudtrail.record import partition_of_region
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.typed import decoder

_PAIRS = {"s3": ("bucketName", "key"), "sqs": ("queueUrl", "queueName"), "lambda": ("functionName", "qualifier")}
"""Service → the two parameters that tell the resource of its calls."""
_KEPT = 4_096
"""Resources of a call that are kept."""


class Unread:
    """Reads the resources of the records of one call."""

    __slots__ = (
        "_about", "_call", "_ends", "_is_kept", "_mark", "_names", "_needles", "_read", "_rule", "_told", "by_name",
    )  # fmt: skip

    def __init__(self, call: str) -> None:
        rule = rule_of(call)
        self._call = call
        self._rule = rule if isinstance(rule, Rule) else None
        self.by_name: tuple[str, ...] | None = None if isinstance(rule, Rule) else (rule,) if rule else ()
        """The resources where the call's name alone tells them."""
        self._mark = self._rule.mark if self._rule is not None else ""
        names = {name for _, wanted in (self._rule.by_template if self._rule else ()) for one in wanted.values()
                 for name in one}  # fmt: skip
        self._needles = tuple(f'"{name}"'.encode() for name in sorted(names))
        self._names = _telling(self._rule)
        self._read = _reader(self._names)
        self._is_kept = self._rule is not None and self._rule.service not in ("s3", "logs")
        """Whether its calls meet the same resource again: not where they are about objects, or streams of logs."""
        self._told = Bounded[tuple[str | None, str | None, str, str], tuple[str, ...]](_KEPT)
        self._about = Bounded[str, bool](_KEPT)
        """Whether it is about an ARN; of a beginning of ARNs: whether it is about all of them."""
        self._ends = Bounded[tuple[str | None, str, str], tuple[str, str]](_KEPT)

    def resources(self, parameters: bytes, named: Sequence[str], region: str, account: str) -> tuple[str, ...]:
        """What `resources_of_call` says. `named`: the ARNs among the record's resources."""
        rule = self._rule
        if rule is None:
            return self.by_name or ()
        if named:
            fitting = self._fitting(rule, named)
            if fitting:
                return fitting
        if parameters[:1] != b"{":
            partition = _partition(region)
            return resources_of_call(self._call, {}, (), partition, region, account) if rule.needs_nothing else ()
        if self._read is not None:
            try:
                read = self._read(parameters)
            except msgspec.ValidationError:
                pass  # a parameter is no text
            else:
                first, second = read.first, read.second
                if self._is_kept:
                    key = (first, second, region, account)
                    told = self._told.entries.get(key)
                    if told is None:
                        told = self._told.keep(key, self._alone(rule, first, second, region, account))
                else:
                    told = self._of_a_kind(rule, first, second, region, account)
                if told:
                    return told
        if rule.special is None and not rule.needs_nothing and not self._may_tell(rule, parameters):
            return ()
        return resources_of_call(self._call, msgspec.json.decode(parameters), (), _partition(region), region, account)

    def _fitting(self, rule: Rule, named: Sequence[str]) -> tuple[str, ...]:
        """Those of the ARNs that the call's action is about, as `is_about` of its rule says. Of ARNs with one beginning
        (a bucket's objects) that is asked once, where it is about all of them."""
        found: tuple[str, ...] = ()
        for arn in named:
            if self._mark in arn:
                asked = arn if self._is_kept else arn[: arn.find("/") + 1] or arn
                about = self._about.entries.get(asked)
                if about is None:
                    is_all = asked == arn or _may_end_in_any_way(rule, asked)
                    about = self._about.keep(asked, is_all and rule.is_about(asked) is not None)
                if about or (asked != arn and rule.is_about(arn)):
                    found += (arn,)
        return found if len(found) < 2 else tuple(dict.fromkeys(found))[:MOST]

    def _of_a_kind(
        self, rule: Rule, first: str | None, second: str | None, region: str, account: str
    ) -> tuple[str, ...]:
        """What the parameters tell that were read, of an object or a stream; none where others must be looked at."""
        if first is None:
            return ()
        if rule.service == "s3":
            beginning = _in_bucket(self._call, first, _partition(region)) if second else ""
            if beginning:
                return (f"{beginning}{second}",)
        elif rule.named is not None:
            if len(self._names) == 1:
                arn = rule.named.arn((first,), _partition(region), region, account)
            else:
                key = (first, region, account)
                ends = self._ends.entries.get(key)
                if ends is None:
                    ends = self._ends.keep(key, rule.named.before_last((first,), _partition(region), region, account))
                arn = with_name(ends[0], second, ends[1]) if ends[0] else ""
            return (arn,) if arn else ()
        given = _given(self._names, first, second)
        return resources_of_call(self._call, given, (), _partition(region), region, account)

    def _alone(self, rule: Rule, first: str | None, second: str | None, region: str, account: str) -> tuple[str, ...]:
        """What `resources_of_call` says, where the parameters that tell it are there: a name, or an ARN of the right
        type."""
        given = _given(self._names, first, second)
        if not given:
            return ()
        found = resources_of_call(self._call, given, (), _partition(region), region, account)
        is_exact = rule.service in _PAIRS or rule.named is not None or found == (first,)
        return found if is_exact else ()

    def _may_tell(self, rule: Rule, parameters: bytes) -> bool:
        """Whether parameters have an ARN, or a name that a template asks for."""
        if b"arn:" in parameters or rule.service == "ec2":
            return True
        lowered = parameters.lower()
        # Of a list, the name is that of one with an s: instanceIds.
        return any(needle in lowered or needle[:-1] + b's"' in lowered for needle in self._needles)


def _telling(rule: Rule | None) -> tuple[str, ...]:
    """The parameters that tell the resource whatever the others are."""
    if rule is None:
        return ()
    if rule.service in _PAIRS:
        return _PAIRS[rule.service]
    if rule.service in ARN_PARAMETERS:
        return (ARN_PARAMETERS[rule.service],)
    return rule.named.parameters if rule.named is not None and len(rule.named.parameters) <= 2 else ()


def _reader(names: Sequence[str]) -> Callable[[bytes], Any] | None:
    """Reads the one or two parameters, as `first` and `second`, and none of the others."""
    if not names:
        return None
    renamed = dict(zip(("first", "second"), names, strict=False))
    fields = [(field, str | None, None) for field in ("first", "second")]
    return decoder(msgspec.defstruct("Told", fields, rename=lambda each: renamed.get(each, ""))).decode


def _given(names: Sequence[str], first: str | None, second: str | None) -> dict[str, str]:
    return {name: value for name, value in zip(names, (first, second), strict=False) if value is not None}


@lru_cache(maxsize=_KEPT)
def _in_bucket(call: str, bucket: str, partition: str) -> str:
    """How the ARNs of a bucket's objects begin, where the call is about any of them; '' for other buckets and calls."""
    beginning = f"arn:{partition}:s3:::{bucket}/"
    rule = rule_of(call)
    if not isinstance(rule, Rule) or not bucket or bucket.startswith("arn:") or rule.is_about(beginning[:-1]):
        return ""
    return beginning if _may_end_in_any_way(rule, beginning) else ""


def _may_end_in_any_way(rule: Rule, beginning: str) -> bool:
    """Whether an action is about all ARNs that begin so."""
    patterns = (template.pattern for template, _ in rule.by_template)
    return any(one.pattern.endswith(".*") and one.fullmatch(beginning) is not None for one in patterns)


_partition = lru_cache(maxsize=256)(partition_of_region)
