"""Webhooks: signed, in order, at least once, to permitted addresses alone; what fails comes again, and then is a dead
letter; a slow one makes nothing wait."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import orjson
import pytest

from erstwhile.api.aws.administration.reseal import reseal
from erstwhile.api.aws.federation.outgoing_requests import Unreachable
from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.background.background import Background
from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.api.serving.database_metrics import database_families
from erstwhile.api.webhooks import endpoint, sending, thread, words
from erstwhile.api.webhooks.endpoint import ATTEMPTS, LONGEST, Endpoint, pause
from erstwhile.api.webhooks.thread import WebhookThreads
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections import webhook_rows
from erstwhile.projections.webhook_rows import Webhook
from tests.support.waiting import wait_until

SECRET = b"0123456789abcdef01234567"
KEY = b"k" * 32


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


class Receiver:
    """A server on this machine. `answer`: gives the status of a request."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[int], int] = lambda number: 204
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._came:
                    receiver.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
                    number = len(receiver.received)
                    receiver._came.notify_all()
                self.send_response(receiver.answer(number))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[Received]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.received) >= count, 60), len(self.received)
        return self.received

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv(sending.PRIVATE, "127.0.0.1")
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def vault() -> Vault:
    return Vault([KEY])


def add(database: Database, vault: Vault, url: str, name: str = "siem", **more: Any) -> None:
    key, sealed = vault.seal(SECRET, webhook_rows.purpose(name))
    given: dict[str, Any] = {"types": (), "account": "", "position": 0, "notice": 0} | more
    with database.connect() as connection:
        assert webhook_rows.add(
            connection, Webhook(name=name, url=url, master_key=key, sealed=sealed, attempts=0, **given)
        )


def sender(database: Database, vault: Vault, name: str = "siem", holder: str = "me") -> Endpoint:
    return Endpoint(name, holder, database.connect, vault)


def send_all(database: Database, vault: Vault, name: str = "siem") -> None:
    made = sender(database, vault, name)
    while made.round(lambda: False):
        pass


def figures(database: Database) -> dict[str, Any]:
    with database.connect() as connection:
        [found] = webhook_rows.figures(connection)
    return found


def create(runtime: ReadingRuntime, name: str) -> int:
    return runtime.commands.execute(CreateUser(account="123456789012", name=name, new_id=f"AIDA{name}")).position


def due(database: Database) -> None:
    """As if the time until the next attempt had passed."""
    with database.connect() as connection:
        connection.execute("UPDATE webhook SET next_at = clock_timestamp()")


def positions(received: list[Received]) -> list[int]:
    return [each.event["data"]["position"] for each in received]


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference implementation."""
    secret = words.parse_secret(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    found = sending.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 1614265330)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-timestamp"] == "1614265330"


def test_every_event_is_sent_once_in_order_and_signed(story: Database, vault: Vault, receiver: Receiver) -> None:
    add(story, vault, receiver.url)
    send_all(story, vault)
    head = EventLog(story.connect).head()
    assert positions(receiver.received) == list(range(1, head + 1))
    for each in receiver.received[:3]:
        signed = b".".join((each.headers["webhook-id"].encode(), each.headers["webhook-timestamp"].encode(), each.body))
        expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        assert each.headers["webhook-signature"] == f"v1,{expected}"
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert each.event["id"] == each.headers["webhook-id"] and each.event["specversion"] == "1.0"
    found = figures(story)
    assert (found["lag"], found["sent"], found["position"], found["dead_letters"]) == (0, head, head, 0)
    with story.connect() as connection:
        told = {each.name: each.samples for each in database_families(connection)}
    [sample] = told["erstwhile_webhook_lag_events"]
    assert (sample.labels, sample.value) == ({"webhook": "siem"}, 0.0)


def test_types_and_accounts(story: Database, vault: Vault, receiver: Receiver) -> None:
    add(story, vault, receiver.url, types=("iam.AccessKeyStatusChanged", "notice"), account="111122223333")
    with story.connect() as connection:
        connection.execute("INSERT INTO watch_notice (watch, position, known_at, gains) VALUES ('pay', 3, 3, '[]')")
    send_all(story, vault)
    kinds = [each.event["type"] for each in receiver.received]
    assert (
        set(kinds) == {"erstwhile.iam.AccessKeyStatusChanged", "erstwhile.notice"} and kinds[-1] == "erstwhile.notice"
    )
    assert receiver.received[-1].event["subject"] == "pay" and figures(story)["lag"] == 0
    send_all(story, vault)
    assert len(receiver.received) == len(kinds)


@pytest.mark.parametrize("types", [("notice",), ("iam.*",), ()])
def test_what_has_all_is_left_alone(story: Database, vault: Vault, receiver: Receiver, types: tuple[str, ...]) -> None:
    """Nothing is written to the database while nothing comes."""
    add(story, vault, receiver.url, types=types)
    with story.connect() as connection:
        connection.execute("INSERT INTO watch_notice (watch, position, known_at, gains) VALUES ('pay', 3, 3, '[]')")
    send_all(story, vault)
    assert figures(story)["lag"] == 0
    with story.connect() as connection:
        assert webhook_rows.take(connection, "siem", "me") is None


def test_what_fails_comes_again_before_what_is_next(story: Database, vault: Vault, receiver: Receiver) -> None:
    add(story, vault, receiver.url)
    receiver.answer = lambda number: 500 if number in (2, 3) else 302 if number == 4 else 200
    send_all(story, vault)
    assert positions(receiver.received) == [1, 2]
    found = figures(story)
    assert found["attempts"] == 1 and found["last_error"] == "it answered 500; redirections are not followed"
    send_all(story, vault)  # it is not due yet
    assert len(receiver.received) == 2
    for _ in range(3):
        due(story)
        send_all(story, vault)
    assert positions(receiver.received)[:7] == [1, 2, 2, 2, 2, 3, 4]
    assert len({each.headers["webhook-id"] for each in receiver.received[1:5]}) == 1
    assert figures(story)["attempts"] == 0 and figures(story)["last_error"] == ""


def test_what_fails_for_good_is_a_dead_letter_and_is_sent_again_when_asked(
    story: Database, vault: Vault, receiver: Receiver
) -> None:
    add(story, vault, receiver.url)
    receiver.answer = lambda number: 503 if number <= ATTEMPTS else 200
    for _ in range(ATTEMPTS):
        due(story)
        send_all(story, vault)
    due(story)
    send_all(story, vault)
    assert positions(receiver.received)[: ATTEMPTS + 1] == [1] * ATTEMPTS + [2]
    with story.connect() as connection:
        [letter] = webhook_rows.dead_letters(connection, "siem")
        assert (letter.position, letter.attempts, letter.asked_again) == (1, ATTEMPTS, False)
        assert webhook_rows.ask_again(connection, "siem", [letter.id]) == 1
    count = len(receiver.received)
    send_all(story, vault)
    assert positions(receiver.received)[count:] == [1]
    with story.connect() as connection:
        assert webhook_rows.dead_letters(connection, None) == []


def test_a_replay_sends_again_from_a_position(story: Database, vault: Vault, receiver: Receiver) -> None:
    head = EventLog(story.connect).head()
    add(story, vault, receiver.url, position=head)
    send_all(story, vault)
    assert receiver.received == []
    with story.connect() as connection:
        assert webhook_rows.replay(connection, "siem", head - 3)
        assert not webhook_rows.replay(connection, "none", 0)
    send_all(story, vault)
    assert positions(receiver.received) == [head - 2, head - 1, head]


def test_one_process_sends_at_a_time(story: Database, vault: Vault, receiver: Receiver) -> None:
    add(story, vault, receiver.url)
    with story.connect() as connection:
        assert webhook_rows.take(connection, "siem", "another") is not None
    assert not sender(story, vault).round(lambda: False) and receiver.received == []
    with story.connect() as connection:
        webhook_rows.release(connection, "siem", "another")
    assert sender(story, vault).round(lambda: False) and receiver.received
    with story.connect() as connection:  # this one was taken over, and moves nothing any more
        assert not webhook_rows.moved(connection, "siem", "another", 9_999, 0, 1)


def test_nothing_is_sent_where_nobody_may(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sending.PRIVATE, "")
    for url in (receiver.url, receiver.url.replace("http:", "https:"), receiver.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(Unreachable, match="has no public address; ERSTWHILE_PRIVATE_WEBHOOKS"):
            sending.send(url, SECRET, "m", b"{}", 0)
    monkeypatch.setattr(sending, "resolved", lambda *_: (2, ("93.184.215.14", 80)))
    with pytest.raises(Unreachable, match="plain HTTP is only for hosts that"):
        sending.send("http://example.com/", SECRET, "m", b"{}", 0)
    assert receiver.received == []


def test_a_slow_webhook_makes_nothing_wait(
    database: Database, vault: Vault, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "LOOK", 0.05)
    slow, hangs = Receiver(), threading.Event()
    slow.answer = lambda number: 200 if hangs.wait(60) else 500
    runtime = ReadingRuntime(database)
    threads = WebhookThreads(database, vault)
    try:
        add(database, vault, slow.url, "slow")
        add(database, vault, receiver.url, "quick")
        threads.start()
        first = create(runtime, "ann")
        slow.wait(1)
        for name in ("bob", "cat", "dan"):
            last = create(runtime, name)
        while positions(receiver.received)[-1:] != [last]:
            receiver.wait(len(receiver.received) + 1)
        assert positions(receiver.received) == list(range(1, last + 1))
        assert len(slow.received) == 1 and first < last
        with database.connect() as connection:
            lags = {each["name"]: each["lag"] for each in webhook_rows.figures(connection)}
        assert lags["slow"] == last
        hangs.set()
        slow.wait(last)
        assert positions(slow.received) == list(range(1, last + 1))
        with database.connect() as connection:
            assert webhook_rows.remove(connection, "slow") and not webhook_rows.remove(connection, "slow")
    finally:
        hangs.set()
        threads.close()
        slow.close()
        runtime.close()


def test_a_webhook_whose_secret_cannot_be_opened_is_named_until_it_is_gone(
    database: Database,
    vault: Vault,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(thread, "LOOK", 0.05)
    other = Vault([b"o" * 32])
    add(database, vault, receiver.url, "siem")
    with closing(ReadingRuntime(database)) as runtime:
        create(runtime, "ann")
    threads, background = WebhookThreads(database, other), Background()
    background.add(threads)
    threads.start()
    try:
        wait_until(lambda: isinstance(background.failures().get("webhook siem"), MasterKeyMissing))
        assert background.failures()["webhooks"] is None
        assert caplog.text.count("nothing is sent to the webhook siem") == 1
        with database.connect() as connection:
            webhook_rows.remove(connection, "siem")
        wait_until(lambda: list(background.failures()) == ["webhooks"])
    finally:
        threads.close()


def test_a_secret_is_sealed_and_sealed_again(database: Database, vault: Vault) -> None:
    add(database, vault, "https://siem.example.com/")
    with database.connect() as connection:
        dump = repr(connection.execute("SELECT w.* FROM webhook w").fetchall())
        assert SECRET.decode() not in dump
        later = Vault([b"n" * 32, KEY])
        assert reseal(connection, later) == 1
        [(key, sealed)] = connection.execute("SELECT master_key, sealed FROM webhook").fetchall()
    assert key == later.current
    assert Vault([b"n" * 32]).open(bytes(sealed), webhook_rows.purpose("siem"), key) == SECRET


@pytest.mark.parametrize(
    "url",
    ["ftp://x/", "https:///x", "https://a:b@x/", "https://x/#y", "https://x/ä", "https://x/ y", "https://[::1", "x",
     f"https://x/{'y' * 2_000}"],
)  # fmt: skip
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(Problem, match="is no URL of a webhook"):
        words.parse_url(url)


@pytest.mark.parametrize("secret", [b"", b"short", b"whsec_%%%", b"whsec_c2hvcnQ=", b"x" * 513])
def test_what_is_no_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(Problem, match="the secret"):
        words.parse_secret(secret)


def test_pauses_grow_and_end() -> None:
    for attempts in range(40):
        whole = min(LONGEST, endpoint.FIRST * 2**attempts)
        assert whole / 2 <= pause(attempts) <= whole
