"""Rules that name reviewers, from options, and from files: YAML, or CSV with a rule a row.

rules:                       # the first that fits, and gives somebody else than the principal, counts
  - policy: "*Admin*"
    reviewers: [grace@example.com]
  - account: "111122223333"
    tag: owner               # the principal's tag of this key names the reviewer
  - reviewers: linus@example.com
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erstwhile.api.support.spreadsheets import read_csv
from erstwhile.domain.reviews.reviewers import MEMBERS, MalformedRule
from erstwhile.domain.vocabulary import yaml_text

MAX_BYTES = 4 * 1024 * 1024


def rules_of_options(
    reviewers: Sequence[str], tags: Sequence[str], by_account: Sequence[str], fallback: str
) -> Iterator[Mapping[str, Any]]:
    """Rules from options: `by_account` as ACCOUNT=REVIEWER. Raises MalformedRule."""
    for each in by_account:
        account, equals, reviewer = each.partition("=")
        if not equals or not account.strip() or not reviewer.strip():
            raise MalformedRule(f"{each[:80]!r} is not ACCOUNT=REVIEWER")
        yield {"account": account.strip(), "reviewers": reviewer}
    for tag in tags:
        yield {"tag": tag}
    if reviewers:
        yield {"reviewers": list(reviewers)}
    if fallback:
        yield {"reviewers": [fallback]}


def rules_of_file(name: str, data: bytes) -> list[Mapping[str, Any]]:
    """Rules from a file: CSV by its name, else YAML. Raises MalformedRule, MalformedTable."""
    if len(data) > MAX_BYTES:
        raise MalformedRule(f"{name}: the file has more than {MAX_BYTES:,} bytes")
    if name.lower().endswith(".csv"):
        return [_row(row) for _, row in read_csv(data, ())]
    try:
        given = yaml_text.load(data)
    except yaml_text.UnreadableYaml as error:
        where = f"line {error.line} of {name}" if error.line else name
        raise MalformedRule(f"{where}: {error}") from None
    entries = given.get("rules") if isinstance(given, dict) else given
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise MalformedRule(f"{name}: a list of rules is expected, each with {', '.join(MEMBERS)}")
    return entries


def _row(row: Mapping[str, str]) -> Mapping[str, str]:
    told = {name: text for name, text in row.items() if text}
    if "reviewer" in told:
        told["reviewers"] = told.pop("reviewer")
    return told
