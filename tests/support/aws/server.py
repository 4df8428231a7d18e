"""A server of AWS's protocol on a real socket, and boto3 that calls it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from erstwhile.api.applications.names import Names
from erstwhile.api.aws.administration import setup
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from tests.support.aws.recorded_answers import listen
from tests.support.servers import on_socket
from tests.support.waiting import LONG

ACCOUNT = "123456789012"
ROOT = ("root-key", "root-secret")
"""The access key and the secret of the account's root."""


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


class AwsServer:
    """A server in a thread of its own: boto3 blocks."""

    def __init__(self, database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ERSTWHILE_ROOT_ACCESS_KEY_ID", ROOT[0])
        monkeypatch.setenv("ERSTWHILE_ROOT_SECRET_ACCESS_KEY", ROOT[1])
        self.database = database
        self.service = FollowingRuntime(database, Names())
        self.endpoint = setup.start(self.service, home).endpoint
        self.keys = self.endpoint.keys
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(LONG)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with on_socket(self.service, self.endpoint) as self.url:
            self._ready.set()
            await self._stop.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(LONG)
        self.service.close()

    def client(self, service: str, key: str = ROOT[0], secret: str = ROOT[1], token: str | None = None) -> Any:
        """boto3, as anybody makes it."""
        return self.client_of(
            service, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
            config=Config(retries={"max_attempts": 1}),
        )  # fmt: skip

    def client_of(self, service: str, region_name: str = "us-east-1", **options: Any) -> Any:
        """boto3 with other options. What it is answered is counted."""
        return listen(boto3.client(service, endpoint_url=self.url, region_name=region_name, **options))
