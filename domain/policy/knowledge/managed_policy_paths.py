"""Where AWS keeps its managed policies: `policy/service-role/…`, `policy/job-function/…`. The path belongs to the ARN;
catalogues that name policies alone leave it out.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("managed-policy-paths.txt")


@cache
def _paths() -> dict[str, str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    found = (line.rpartition("/") for line in lines if line and not line.startswith("#"))
    return {name: f"/{path}/" for path, _, name in found}


def managed_path(name: str) -> str:
    """The path of an AWS-managed policy; `/` where it is at the root."""
    return _paths().get(name, "/")


def located(arn: str) -> str:
    """An AWS-managed policy's ARN with its path, where a catalogue left that out."""
    head, _, rest = arn.partition(":policy/")
    return f"{head}:policy{managed_path(rest)}{rest}" if rest and "/" not in rest else arn


def path_of(arn: str) -> str:
    """The path in a policy's ARN."""
    rest = arn.partition(":policy")[2]
    return rest[: rest.rfind("/") + 1] or "/"


def is_same_policy(catalogued: str, asked: str) -> bool:
    """Whether an ARN means an AWS-managed policy of the catalogue: path and name to the letter, in whatever
    partition."""
    return located(catalogued).partition(":iam:")[2] == asked.partition(":iam:")[2]
