"""TLS: both protocols over it, and certificates that are read again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
from pathlib import Path

import boto3
import pytest
import trustme
from botocore.config import Config
from botocore.exceptions import ClientError

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving.certificates import Certificates
from tests.support.notified import Notified
from tests.support.program import environment
from tests.support.servers import ServerProcess


def issued(authority: trustme.CA, folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """The files of a new certificate of an authority, in place of those that were there."""
    certificate = authority.issue_cert(name)
    paths = folder / "certificate.pem", folder / "key.pem"
    certificate.cert_chain_pems[0].write_to_path(paths[0])
    certificate.private_key_pem.write_to_path(paths[1])
    return paths


async def serial_of(port: int, trusted: Path) -> int:
    """The serial number of the certificate that a server shows. Raises ssl.SSLError for one that is not trusted."""
    context = ssl.create_default_context(cafile=str(trusted))
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert()
    writer.close()
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
    return int(shown["serialNumber"], 16)


def test_boto3_and_the_native_api_over_tls(tmp_path: Path) -> None:
    """systemd hears of its start and of its end."""
    notified = Notified()
    authority, trusted = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    certificate, key = issued(authority, tmp_path)
    root = {"ERSTWHILE_ROOT_ACCESS_KEY_ID": "AKIATEST", "ERSTWHILE_ROOT_SECRET_ACCESS_KEY": "test"}
    server = ServerProcess(
        ERSTWHILE_HOME=str(tmp_path / "home"), ERSTWHILE_TLS_CERTIFICATE=str(certificate), ERSTWHILE_TLS_KEY=str(key),
        ERSTWHILE_RATE_PER_ADDRESS="0.001/20", NOTIFY_SOCKET=notified.address, **root,
    )  # fmt: skip
    try:
        assert server.url.startswith("https://127.0.0.1:")
        assert notified.heard() == f"READY=1\nSTATUS=listens on {server.url}" and not notified.has_heard()
        iam = boto3.client(
            "iam", endpoint_url=server.url, region_name="us-east-1", verify=str(trusted), aws_access_key_id="AKIATEST",
            aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        iam.create_user(UserName="ada")
        assert [each["UserName"] for each in iam.list_users()["Users"]] == ["ada"]
        curl = ["curl", "-s", "--cacert", str(trusted), "-H", f"Authorization: Bearer {server.token}"]
        found = subprocess.run([*curl, f"{server.url}/v1/status"], capture_output=True, text=True, env=environment())
        assert '"position"' in found.stdout, found
        port = int(server.url.rsplit(":", 1)[1])
        plain = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/healthz"], capture_output=True, text=True)
        assert plain.returncode != 0

        # A new certificate of the same authority, without a new start.
        before = asyncio.run(serial_of(port, trusted))
        issued(authority, tmp_path)
        server.signal_hangup()

        async def until_new() -> None:
            async with asyncio.timeout(60):
                while await serial_of(port, trusted) == before:
                    await asyncio.sleep(0.05)

        asyncio.run(until_new())
        # Calls of AWS's protocol beyond the rate are refused in that protocol.
        for _ in range(20):
            with contextlib.suppress(ClientError):
                iam.get_user(UserName="ada")
        with pytest.raises(ClientError) as refused:
            iam.get_user(UserName="ada")
        assert refused.value.response["Error"]["Code"] == "Throttling"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        iam.close()
    finally:
        # However many connections callers leave open.
        left = socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
        ended = server.end()
        left.close()
    assert ended == 0
    with notified:
        assert notified.heard().startswith("STOPPING=1")


def test_a_pair_that_does_not_fit_leaves_the_one_of_before(tmp_path: Path) -> None:
    authority, other = trustme.CA(), tmp_path / "other"
    other.mkdir()
    certificate, key = issued(authority, tmp_path)
    certificates = Certificates(certificate, key)
    _, wrong = issued(authority, other)
    key.write_bytes(wrong.read_bytes())
    assert not certificates.reload()
    certificate.unlink()
    assert not certificates.reload()
    assert certificates.context.cert_store_stats() is not None
    issued(authority, tmp_path)
    assert certificates.reload()


def test_files_that_cannot_be_used_are_explained(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key = issued(authority, tmp_path)
    with pytest.raises(MalformedSetting, match="No such file"):
        Certificates(certificate, tmp_path / "none.pem")
    key.write_text("no key")
    with pytest.raises(MalformedSetting, match="do not belong together"):
        Certificates(certificate, key)
