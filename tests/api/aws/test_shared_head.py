"""What the processes of a home share of the log's head: through it, each shows at once what another answered."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.database.shared_head import SharedHead
from tests.support.aws.server import AwsServer


def test_it_only_grows_but_for_a_correction(tmp_path: Path) -> None:
    one, two = SharedHead(tmp_path / "head"), SharedHead(tmp_path / "head")
    assert one.read() == 0
    one.advance(7)
    two.advance(5)
    assert (one.read(), two.read()) == (7, 7)
    two.correct(7, 9)  # the log has gone on since: nothing is wrong
    assert one.read() == 7
    two.correct(7, 3)  # the log is another one
    assert one.read() == 3
    one.correct(7, 2)  # and somebody has told more since it was read
    assert two.read() == 3
    threads = [threading.Thread(target=lambda n=n: SharedHead(tmp_path / "head").advance(n)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.read() == 99
    one.close()
    two.close()


def test_two_servers_of_one_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_database, second_database = (Database.open(Settings(home=tmp_path)) for _ in range(2))
    first = AwsServer(first_database, tmp_path, monkeypatch)
    second = AwsServer(second_database, tmp_path, monkeypatch)
    clients = [server.client("iam") for server in (first, second)]
    for number in range(60):
        writer, reader = clients[number % 2], clients[(number + 1) % 2]
        writer.create_user(UserName=f"u{number}")
        assert reader.get_user(UserName=f"u{number}")["User"]["UserName"] == f"u{number}"
        if number % 3 == 0:
            writer.delete_user(UserName=f"u{number}")
            with pytest.raises(reader.exceptions.NoSuchEntityException):
                reader.get_user(UserName=f"u{number}")
    assert first_database.shared_head is not None
    # The file tells more than the log has, as after a restore: the next call is late, and puts it right.
    monkeypatch.setattr("erstwhile.api.commanding.read_your_writes.WAIT", 0.5)
    first_database.shared_head.advance(10_000)
    assert clients[0].list_users()["Users"]
    assert first_database.shared_head.read() < 10_000
    for server in (second, first):
        server.close()
    for database in (second_database, first_database):
        database.close()
