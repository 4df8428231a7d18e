"""The signature of a request, as the request states it."""

from __future__ import annotations

import msgspec


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """`signature` is checked against `string_to_sign`."""

    access_key_id: str
    scope: tuple[str, str, str]  # date, region, service
    signature: str
    session_token: str
    string_to_sign: str
