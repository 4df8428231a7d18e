"""The aiohttp application: every route in one table."""

from __future__ import annotations

from aiohttp import web

from api.aws.endpoint import AwsEndpoint
from api.http import authzen, issuers, native, resources, search
from api.http.errors import errors
from api.http.kept_answers import KeptAnswers
from api.http.keys import ANSWERS, SCOPES, SERVICE, TOKENS
from api.service import Service
from api.tokens import Tokens

MAX_BODY = 64 * 1024 * 1024

ROUTES = (
    web.get("/healthz", native.healthz),
    web.get("/readyz", native.readyz),
    web.get("/openapi.json", native.openapi),
    web.get("/.well-known/authzen-configuration", authzen.configuration),
    web.post("/access/v1/evaluation", authzen.evaluation),
    web.post("/access/v1/evaluations", authzen.evaluations),
    web.post("/access/v1/search/subject", search.subject),
    web.post("/access/v1/search/resource", search.resource),
    web.post("/access/v1/search/action", search.action),
    web.get("/v1/resources", resources.listing),
    web.get("/v1/resources/{id:.+}", resources.get),
    web.put("/v1/resources/{id:.+}", resources.put),
    web.delete("/v1/resources/{id:.+}", resources.delete),
    web.get("/v1/who-can", native.who_can),
    web.get("/v1/what-can", native.what_can),
    web.get("/v1/which-resources", native.which_resources),
    web.get("/v1/can", native.can),
    web.post("/v1/validate", native.validate),
    web.get("/v1/audit", native.audit),
    web.get("/v1/activity", native.activity),
    web.get("/v1/evidence/{account}/{record_id}", native.evidence),
    web.get("/v1/status", native.status),
    web.post("/v1/imports/cloudtrail", native.import_cloudtrail),
    web.get("/issuers/{id}/.well-known/openid-configuration", issuers.configuration),
    web.get("/issuers/{id}/keys", issuers.keys),
)

_SCOPES = {
    native.healthz: "",
    native.readyz: "",
    issuers.configuration: "",
    issuers.keys: "",
    native.import_cloudtrail: "import",
    resources.put: "admin",
    resources.delete: "admin",
}
"""Which scope a call needs; '' needs no token, one that is not here needs `read`."""


def make_app(service: Service, aws: AwsEndpoint | None = None) -> web.Application:
    """The application over a service, with AWS's protocol at / where an endpoint is given; the caller starts and
    closes the service."""
    app = web.Application(middlewares=[errors], client_max_size=MAX_BODY)
    app[SERVICE] = service
    app[TOKENS] = Tokens()
    app[ANSWERS] = KeptAnswers()
    app.add_routes(ROUTES)
    app[SCOPES] = _SCOPES if aws is None else {**_SCOPES, aws.handle: ""}  # by signature
    if aws is not None:
        app.add_routes([web.post("/", aws.handle), web.get("/", aws.handle)])

        app.on_cleanup.append(aws.end)
    return app
