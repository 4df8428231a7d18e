"""Requests of AWS's protocol at random: parameters by botocore's shapes, mostly sound, some of them odd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.support.aws.server import ACCOUNT
from tests.support.documents import ALLOW

_ACCOUNT_TRUSTED = '{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}'.replace("%s", ACCOUNT)
TRUST = f'{{"Version":"2012-10-17","Statement":{_ACCOUNT_TRUSTED}}}'
_ODD = (
    "", " ", "\0", "²", "٣", "9" * 5_000, "-1", "1e999", "\n", "\x1b[31m", "\u202e", "\ufeff", "ä" * 40, "😀",
    "x" * 700, "../..", "%00", "a/b", "*", "null", "true", "[" * 2_000, '{"a":' * 1_500, "{}", "[]",
    '{"Version":"2012-10-17","Statement":[]}',
    '{"Version":"2012-10-17","Statement":[' + "[" * 900 + "]" * 900 + "]}", '{"Statement":' + "9" * 5_000 + "}",
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-W01-1", "2026-01-01T00:00:00+24:00", "1-01-01T00:00:00Z",
    "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:", "arn:aws:iam::" + "1" * 12 + ":" + "x" * 100, "https://[::1",
    "https://a b",
    "QUJD", "!!!!", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
)  # fmt: skip
_POOLS: dict[str, tuple[str, ...]] = {
    "document": (ALLOW, TRUST),
    "arn": (
        f"arn:aws:iam::{ACCOUNT}:policy/p0", f"arn:aws:iam::{ACCOUNT}:role/n0", f"arn:aws:iam::{ACCOUNT}:user/n0",
        "arn:aws:iam::aws:policy/AdministratorAccess", f"arn:aws:iam::{ACCOUNT}:mfa/n0",
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example", f"arn:aws:iam::{ACCOUNT}:saml-provider/n0",
    ),
    "serialnumber": (f"arn:aws:iam::{ACCOUNT}:mfa/n0", "n0"),
    "path": ("/", "/a/"),
    "marker": ("", "QUJD"),
    "url": ("https://idp.example", "https://idp.example/x"),
    "accesskeyid": ("AKIAIOSFODNN7EXAMPLE", "root-key"),
    "name": ("n0", "n1", "n2"),
    "id": ("n0", "i1234567890123456"),
    "password": ("correct-Horse-7",),
    "version": ("v1", "v2"),
    "action": ("s3:GetObject", "iam:*"),
    "code": ("123456", "654321"),
}  # fmt: skip
"""Values by how a member's name ends, so that requests often mean something that is there."""

Pairs = list[tuple[str, str]]
odd = st.one_of(st.sampled_from(_ODD), st.text(max_size=30), st.text(st.characters(codec="ascii"), max_size=200))


def _pool(name: str) -> st.SearchStrategy[str]:
    found = next((pool for ending, pool in _POOLS.items() if name.lower().endswith(ending)), ("n0", "1", "true"))
    return st.sampled_from(found)


@st.composite
def parameters(draw: st.DrawFn, shape: Any) -> Pairs:
    """The parameters of an operation's input; one in a few requests has an odd value, or an odd name."""
    pairs = list(_members(draw, shape, "", 0)) if shape is not None else []
    if pairs and draw(st.integers(0, 2)) == 0:
        number = draw(st.integers(0, len(pairs) - 1))
        pairs[number] = (pairs[number][0], draw(odd))
    if pairs and draw(st.integers(0, 9)) == 0:
        number = draw(st.integers(0, len(pairs) - 1))
        name = pairs[number][0]
        pairs[number] = (draw(st.sampled_from([f"{name}.member.1", f"{name}.1", name.replace("1", "²"),
            f"{name}.entry.1.key",
                                               name.replace(".1", "." + "9" * 5_000), name.upper(), ""])),
                                               pairs[number][1])  # fmt: skip
    return list(dict(pairs).items())


def _members(draw: st.DrawFn, shape: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, member in shape.members.items():
        if name in shape.required_members or draw(st.integers(0, 3)) == 0:
            yield from _value(draw, member, prefix + str(member.serialization.get("name", name)), depth)


def _value(draw: st.DrawFn, shape: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    kind = shape.type_name
    if depth > 6:
        return
    if kind == "structure":
        yield from _members(draw, shape, f"{key}.", depth + 1)
    elif kind == "list":
        place = key if shape.serialization.get("flattened") else f"{key}.member"
        for number in range(1, draw(st.integers(1, 3)) + 1):
            yield from _value(draw, shape.member, f"{place}.{number}", depth + 1)
    elif kind == "map":
        yield f"{key}.entry.1.key", draw(_pool("name"))
        yield from _value(draw, shape.value, f"{key}.entry.1.value", depth + 1)
    else:
        yield key, draw(_scalar(shape, key))


def _scalar(shape: Any, key: str) -> st.SearchStrategy[str]:
    match shape.type_name:
        case "boolean":
            return st.sampled_from(["true", "false"])
        case "integer" | "long":
            least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 2**31 - 1)
            return st.sampled_from([str(least), str(most), str(min(most, least + 900))])
        case "timestamp":
            return st.sampled_from(["2026-03-03T08:00:00Z", "2026-03-03T08:00:00.123Z"])
        case "blob":
            return st.sampled_from(["QUJD", ""])
    if getattr(shape, "enum", None):
        return st.sampled_from(list(shape.enum))
    return _pool(f"{key}document" if "PolicyInputList" in key else key.rpartition(".member")[0] or key)
