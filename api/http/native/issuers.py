"""What accounts publish as issuers of web identity tokens: OpenID Connect's configuration, and their keys.

Source: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

import orjson
from aiohttp import web

from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.body import answer
from erstwhile.api.problems import not_found
from erstwhile.domain.directory.token_issuers import find_issuer


def _found(request: web.Request) -> dict[str, str]:
    """The setting of the issuer that the path names. Raises Problem 404."""
    with request.app[RUNTIME].directory() as (directory, _):
        issuer = find_issuer(directory, f"/issuers/{request.match_info['id']}")
    if issuer is None:
        raise not_found("unknown_issuer", "there is no such issuer")
    return issuer


async def configuration(request: web.Request) -> web.Response:
    """GET /issuers/{id}/.well-known/openid-configuration"""
    issuer = _found(request)["issuer"]
    return answer(
        {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES384", "RS256"],
        },
        request,
    )


async def keys(request: web.Request) -> web.Response:
    """GET /issuers/{id}/keys"""
    return answer({"keys": orjson.loads(_found(request)["keys"])}, request)
