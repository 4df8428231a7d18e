"""Clients that are generated from the description compile, are typed, and work: in Python and in TypeScript.

Skipped, with the reason, where the generators cannot be had from the package registries.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import venv
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.http.openapi import document
from erstwhile.api.http.routes import ROUTES
from tests.support.http import serving
from tests.support.npm import npm_install

# The generator needs another version of typer than we do, so it has an environment of its own.
PYTHON_GENERATOR = "openapi-python-client==0.29.1"
TYPESCRIPT = ("openapi-typescript@7.13.0", "typescript@5.9.3")

PYTHON_CALLER = """
import sys
from typing import assert_type

from client import AuthenticatedClient
from client.api.authzen import evaluate
from client.api.questions import who_can
from client.models import EvaluationAnswer, EvaluationRequest, NamedAction, PrincipalHolding
from client.models import SubjectOrResource, WhoCanAnswer

caller = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
resource = SubjectOrResource(type_="object", id="arn:aws:s3:::payroll/march.csv")
subject = SubjectOrResource(type_="user", id="arn:aws:iam::111122223333:user/grace")
asked = EvaluationRequest(subject=subject, action=NamedAction(name="s3:GetObject"), resource=resource)
answer = evaluate.sync(client=caller, body=asked)
assert isinstance(answer, EvaluationAnswer), answer
assert_type(answer.decision, bool)
assert answer.decision
found = who_can.sync(client=caller, action="s3:GetObject", resource=resource.id)
assert isinstance(found, WhoCanAnswer), found
assert_type(found.allowed, list[PrincipalHolding])
assert subject.id in [each.principal for each in found.allowed]
assert_type(found.allowed[0].determining, list[int])
assert found.statements[found.allowed[-1].determining[0]].path
"""
TYPESCRIPT_CALLER = """
import type { components, operations } from "./client";

type WhoCan = operations["who_can"]["responses"]["200"]["content"]["application/json"];
type Asked = NonNullable<operations["evaluate"]["requestBody"]>["content"]["application/json"];
const asked: Asked = {
  subject: { type: "user", id: "ada" }, action: { name: "read" }, resource: { type: "record", id: "17" },
};
export const names = (found: WhoCan): string[] => found.allowed.map((each) => each.principal);
export const paths = (found: WhoCan): string[][][] =>
  found.allowed.map((each) => each.determining.map((number) => found.statements[number]!.path));
export const denied = (answer: components["schemas"]["EvaluationAnswer"]): boolean => !answer.decision;
// @ts-expect-error a subject has an id
export const wrong: Asked = { ...asked, subject: { type: "user" } };
// @ts-expect-error positions are numbers
export const position = (found: WhoCan): string => found.known_at;
"""


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints. Fails with that where the command does."""
    done = subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4_000:]}\n{done.stderr[-4_000:]}"
    return done.stdout + done.stderr


def installed(*command: str | Path, cwd: Path) -> None:
    """Skips the test where a registry does not give what is asked for."""
    done = subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{command[0]} cannot install the generator: {(done.stderr or done.stdout)[-300:]}")


@pytest.fixture
def description(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_bytes(orjson.dumps(document(ROUTES)))
    return path


def generate_python(folder: Path, description: Path) -> Path:
    """Makes the package `client` in the folder; returns the interpreter that has what it needs."""
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    # Our own pip: one of its own would take longer than all else here. Once used, little is compiled for nothing.
    pip = (sys.executable, "-m", "pip", "--python", python)
    options = ("--quiet", "--disable-pip-version-check", "--no-compile")
    installed(*pip, "install", *options, PYTHON_GENERATOR, cwd=folder)
    program = python.with_name("openapi-python-client")
    said = run(program, "generate", "--path", description, "--meta", "none", "--output-path", "client", cwd=folder)
    assert "Skipping" not in said.replace("Skipping Integration", ""), said
    (folder / "caller.py").write_text(PYTHON_CALLER)
    return python


@pytest.mark.slow
async def test_a_client_in_python(story: Database, tmp_path: Path, description: Path) -> None:
    python = await asyncio.to_thread(generate_python, tmp_path, description)
    check = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "caller.py", "client")
    await asyncio.to_thread(run, *check, cwd=tmp_path)
    async with serving(story) as client:
        token = client.session.headers["Authorization"].removeprefix("Bearer ")
        await asyncio.to_thread(run, python, "caller.py", client.base, token, cwd=tmp_path)


@pytest.mark.slow
def test_a_client_in_typescript(tmp_path: Path, description: Path) -> None:
    (tmp_path / "package.json").write_text('{"private": true}')
    npm_install(tmp_path, *TYPESCRIPT)
    programs = tmp_path / "node_modules" / ".bin"
    run(programs / "openapi-typescript", description, "--output", "client.ts", cwd=tmp_path)
    (tmp_path / "caller.ts").write_text(TYPESCRIPT_CALLER)
    run(programs / "tsc", "--noEmit", "--strict", "--skipLibCheck", "client.ts", "caller.ts", cwd=tmp_path)
