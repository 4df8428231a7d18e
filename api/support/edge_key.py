"""Where an aiohttp application has its `Edge`."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.support.proxies import Edge

EDGE = web.AppKey("edge", Edge)
