"""Which requests are for CloudTrail. What answers them is imported with the first: a start need not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from erstwhile.api.aws.cloudtrail.lookup_events import Lookups
    from erstwhile.api.aws.endpoint import AwsEndpoint

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."


def is_asked(request: web.Request) -> bool:
    """Whether a request is for CloudTrail."""
    return request.headers.get("X-Amz-Target", "").startswith(TARGET)


class CloudTrail:
    """CloudTrail's calls of one endpoint."""

    def __init__(self, endpoint: AwsEndpoint) -> None:
        self._endpoint = endpoint
        self._lookups: Lookups | None = None

    async def answered(self, request: web.Request, request_id: str) -> web.Response:
        """The answer, an error too."""
        if self._lookups is None:
            from erstwhile.api.aws.cloudtrail.lookup_events import Lookups

            self._lookups = Lookups(self._endpoint)
        return await self._lookups.answered(request, request_id)

    def close(self) -> None:
        if self._lookups is not None:
            self._lookups.close()
