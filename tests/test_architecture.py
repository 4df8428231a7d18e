"""The shape of the code, read from the code: which way imports point, who knows the database, what is documented."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import orjson
import pytest
import typer

from erstwhile.api import demo as demo_data
from erstwhile.api.aws.documentation.operations_table import MARK, table
from erstwhile.api.cli.commands import COMMANDS
from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

pytestmark = pytest.mark.sources
ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("domain", "projections", "api")
FORBIDDEN = {
    "domain": {"projections", "api", "aiohttp", "typer", "rich", "asyncio"},
    "projections": {"api", "aiohttp", "typer", "rich", "asyncio"},
    "api": set(),
}
DATABASE = {"psycopg", "psycopg_pool", "eventsourcing"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def imports(path: Path) -> frozenset[str]:
    """The names of the imported modules; those of our own without the package's name before them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"erstwhile.{alias.name}" for alias in node.names] if node.module == "erstwhile" else [node.module]
            found |= set(names)
    return frozenset(name.removeprefix("erstwhile.") for name in found)


def test_modules_are_imported_by_their_installed_name() -> None:
    """One module has one name: `domain.x` beside `erstwhile.domain.x` would be a second copy of it."""
    bare = re.compile(r"^\s*(from|import) (domain|projections|api|migrations)\b", re.MULTILINE)
    sources = [path for folder in (*ROOMS, "migrations", "tests", "benchmarks") for path in modules(folder)]
    assert [str(path) for path in sources if bare.search(path.read_text())] == []


def test_the_installed_package_has_the_folders_of_the_source_tree() -> None:
    links = {path.name: path.resolve() for path in (ROOT / "erstwhile").iterdir() if path.is_symlink()}
    assert links == {room: ROOT / room for room in (*ROOMS, "migrations")}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    for path in modules(room):
        tops = {name.split(".")[0] for name in imports(path)}
        assert not tops & FORBIDDEN[room], path


POLICY_ROOMS = ("knowledge", "language", "inputs", "evaluation", "engine")
"""Each imports those before it, never one after it."""


@pytest.mark.parametrize("room", POLICY_ROOMS)
def test_imports_between_the_rooms_of_policy_point_one_way(room: str) -> None:
    later = {f"domain.policy.{each}" for each in POLICY_ROOMS[POLICY_ROOMS.index(room) + 1 :]}
    for path in modules(f"domain/policy/{room}"):
        rooms = {".".join(name.split(".")[:3]) for name in imports(path)}
        assert not rooms & later, path


def test_only_the_event_log_knows_the_database_in_the_domain() -> None:
    for path in modules("domain"):
        inside = "event_log" in path.parts
        tops = {name.split(".")[0] for name in imports(path)}
        assert inside or not tops & DATABASE, path


def test_only_the_event_log_imports_eventsourcing() -> None:
    users = {path.parent.name for room in ROOMS for path in modules(room) if "eventsourcing" in str(imports(path))}
    assert users == {"event_log"}


def test_tests_share_helpers_through_support_alone() -> None:
    """A test file may move, split or go without another one noticing. Fixtures are in `conftest`."""
    for path in (*modules("tests"), *modules("benchmarks")):
        shared = {name for name in imports(path) if name.split(".")[0] == "tests"}
        assert all(name.startswith("tests.support") for name in shared), path


def test_everything_uses_the_log_through_its_class() -> None:
    """What appends, reads and follows is a part of `EventLog`, whose tests are the `eventsourcing` library's."""
    parts = {f"domain.event_log.{name}" for name in ("append", "read", "follow", "library_events")}
    for path in (path for room in ROOMS for path in modules(room) if path.parent.name != "event_log"):
        assert not imports(path) & parts, path
        assert not re.search(r"event_log import .*\b(append|read|follow|library_events)\b", path.read_text()), path


def test_facts_are_read_through_named_accessors() -> None:
    """Outside the Directory and what writes it, nobody knows how an entity stores its facts."""
    writers = ("domain/directory", "domain/evolve", "domain/history")
    for path in (
        path for room in ROOMS for path in modules(room) if not str(path.relative_to(ROOT)).startswith(writers)
    ):
        if ".facts" not in path.read_text():
            continue
        tree = ast.parse(path.read_text())
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        stored = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "facts"]
        assert not [node.lineno for node in stored if id(node) not in called], path


def test_threads_are_owned_and_not_inherited_from() -> None:
    """A class of ours that is a Thread shares its private names with the standard library, which takes new ones."""
    for path in (path for room in ROOMS for path in modules(room)):
        bases = {ast.unparse(base) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)
                 for base in node.bases}  # fmt: skip
        assert not {name.split(".")[-1] for name in bases} & {"Thread", "Process", "Timer"}, path


def test_what_inherits_from_a_compiled_class_is_compiled() -> None:
    """mypyc lets no interpreted class inherit from a compiled one: the wheel that is compiled would fail where it is
    made."""
    compiled: dict[tuple[str | None, str], Path] = {}
    for path in (path for room in ROOMS for path in modules(room)):
        module = f"erstwhile.{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}"
        if path.read_text().startswith("# mypyc: compiled\n"):
            classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
            compiled |= {(module, node.name): path for node in classes}
    assert compiled
    for path in (path for room in ROOMS for path in modules(room) if path not in compiled.values()):
        body = ast.parse(path.read_text())
        imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(body) if isinstance(node, ast.ImportFrom) for alias in node.names
        }  # fmt: skip
        bases = {
            ast.unparse(base).partition("[")[0]
            for node in ast.walk(body) if isinstance(node, ast.ClassDef) for base in node.bases
        }  # fmt: skip
        assert not [base for base in bases if imported.get(base) in compiled], path


def test_the_domain_has_no_clock_no_thread_and_no_randomness() -> None:
    """Following the log alone waits, on a thread of its own; ids and salts come with the events to be appended. What is
    known of types is filled in under a lock."""
    forbidden = {
        "threading",
        "time",
        "os",
        "random",
        "secrets",
        "uuid",
        "queue",
        "concurrent",
        "multiprocessing",
        "socket",
    }
    for path in modules("domain"):
        if path not in (ROOT / "domain" / "event_log" / "follow.py", ROOT / "domain" / "vocabulary" / "typed.py"):
            assert not {name.split(".")[0] for name in imports(path)} & forbidden, path
            assert not re.search(r"\b(datetime\.now|datetime\.utcnow|date\.today)\b", path.read_text()), path


def test_types_are_made_known_under_a_lock() -> None:
    """Two threads that read a type for the first time at once can end the process: `domain/vocabulary/typed.py`."""
    for path in (path for room in ROOMS for path in modules(room)):
        if path != ROOT / "domain" / "vocabulary" / "typed.py":
            assert not re.search(
                r"msgspec\.convert\(|msgspec\.json\.Decoder\(|json\.decode\(.*type=", path.read_text()
            ), path


def test_files_are_small() -> None:
    """A file of more than 300 lines says in its first lines why it is long."""
    lengths = {path: len(path.read_text().splitlines()) for room in ROOMS for path in modules(room)}
    assert sorted(lengths.values())[len(lengths) // 2] <= 120
    long = [path for path, length in lengths.items() if length > 300]
    assert [path for path in long if "long because" not in (ast.get_docstring(ast.parse(path.read_text())) or "")] == []


def test_every_module_says_what_it_is() -> None:
    for room in ROOMS:
        for path in modules(room):
            assert ast.get_docstring(ast.parse(path.read_text())), path


@pytest.mark.parametrize(
    "init", [str(path.relative_to(ROOT)) for room in ROOMS for path in modules(room) if path.name == "__init__.py"]
)
def test_a_package_names_its_modules(init: str) -> None:
    """Each in the list of the docstring, once, in reading order: a newcomer finds the room by its name."""
    folder = (ROOT / init).parent
    inside = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    text = ast.get_docstring(ast.parse((ROOT / init).read_text())) or ""
    entries = text.split("\n- ")[1:]
    heads = {name for entry in entries for name in re.findall(r"`(\w+)`", entry.partition(":")[0])}
    listed = [name for entry in entries for name in re.findall(r"`(\w+)`", entry) if name in inside]
    assert heads <= inside, "modules that are not there"
    assert sorted(listed) == sorted(inside - {"__init__"})


def test_every_command_is_documented() -> None:
    readme = (ROOT / "README.md").read_text()
    names = [command.name for command in COMMANDS]
    for command in COMMANDS:
        found = command.load()
        if isinstance(found, typer.Typer):
            names += [f"{command.name} {each.name}" for each in found.registered_commands]
    for name in names:
        assert f"erstwhile {name}" in readme, name


def test_the_commands_that_documents_name_are_there() -> None:
    """Wherever they stand: between quotes, in examples, in tables."""
    named = {command.name: command for command in COMMANDS}
    for document in sorted(ROOT.glob("*.md")):
        for words in re.findall(
            r"(?:`|^    |^\$ )erstwhile ((?:--[a-z]+ \S+ )*[a-z][a-z-]*(?: [a-z][a-z-]*)?)", document.read_text(), re.M
        ):
            name, _, rest = re.sub(r"--[a-z]+ \S+ ", "", words).partition(" ")
            assert name in named, (document.name, words)
            found = named[name].load()
            if isinstance(found, typer.Typer):
                inner = {each.name for each in found.registered_commands}
                assert not rest or rest in inner, (document.name, words)


def examples() -> list[str]:
    """The command lines of README's examples."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ erstwhile")]


def test_the_examples_of_the_readme_run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Path(demo_data.__path__[0])
    (tmp_path / "trail").mkdir()
    for path in demo.glob("*.json"):
        (tmp_path / ("trail" if path.name.startswith("cloudtrail") else ".") / path.name).write_bytes(path.read_bytes())
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
    }
    (tmp_path / "bucket-policy.json").write_bytes(orjson.dumps(policy))
    (tmp_path / "managed.json").write_bytes(b'{"X": {"v1": {"create_date": "2020-01-01T00:00:00Z", "document": {}}}}')
    (tmp_path / "report.csv").write_text(
        "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n"
        "ada,arn:aws:iam::111122223333:user/ada,true,true,true,false\n"
    )
    organization = {"Organization": {"Id": "o-1", "MasterAccountId": "111122223333"}, "Roots": [{"Id": "r-1"}]}
    (tmp_path / "organization.json").write_bytes(orjson.dumps(organization))
    request = {"principal": "arn:aws:iam::111122223333:user/ada", "action": "s3:GetObject", "resource": "*"}
    (tmp_path / "resources.ndjson").write_bytes(b'{"id": "17", "type": "record", "tags": {"department": "sales"}}')
    read = {"Effect": "Allow", "Action": "s3:GetObject*", "Resource": "arn:aws:s3:::payroll/*"}
    identity = {"Version": "2012-10-17", "Statement": [read]}
    (tmp_path / "requests.ndjson").write_bytes(orjson.dumps(request | {"policies": {"identity": [identity]}}))
    (tmp_path / "payroll-read.json").write_bytes(orjson.dumps(identity))
    [tests] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (tmp_path / "policy-tests").mkdir()
    (tmp_path / "policy-tests" / "payroll.yaml").write_text(tests.replace("[payroll-read", "[../payroll-read"))
    monkeypatch.chdir(tmp_path)
    lines = examples()
    assert len(lines) >= 12
    for line in lines:
        if "serve" in line or "--watch" in line or "demo" in line:
            continue
        found = erstwhile(database, *shlex.split(line, comments=True)[1:])
        assert found.returncode == 0, (line, found.stderr)


def examples_with_output(document: str) -> list[tuple[str, list[str]]]:
    """Each command line of a document's examples, with the lines of output that are shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / document).read_text(), re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


WITH_EXAMPLES = [
    ("QUESTIONS-OVER-TIME.md", 12),
    ("REACH.md", 5),
    ("INCIDENT.md", 5),
    ("CONTROLS.md", 5),
    ("REPORTS.md", 2),
    ("REVIEWS.md", 9),
    ("EXPORTS.md", 5),
]


@pytest.mark.parametrize(("document", "least"), WITH_EXAMPLES)
def test_the_examples_of_questions_print_what_is_shown(story: Database, document: str, least: int) -> None:
    lines = examples_with_output(document)
    assert len(lines) >= least
    for command, shown in lines:
        found = erstwhile(story, *shlex.split(command, comments=True)[1:])
        assert found.returncode == 0, (command, found.stderr)
        printed = [" ".join(line.split()) for line in found.stdout.splitlines()]
        assert [line for line in shown if " ".join(line.split()) not in printed] == [], (command, found.stdout)


def test_the_files_that_documents_name_are_there() -> None:
    for document in (
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "EVALUATION.md",
        "AWS.md",
        "README.md",
        "QUESTIONS-OVER-TIME.md",
        "REACH.md",
        "INCIDENT.md",
        "REVIEWS.md",
        "LEAST-PRIVILEGE.md",
        "LEDGER.md",
        "CONTROLS.md",
        "EXPORTS.md",
        "SECURITY.md",
        "RUNNING.md",
    ):
        named = re.findall(
            r"`((?:domain|projections|api|migrations|tests|benchmarks)/[\w./-]+)`", (ROOT / document).read_text()
        )
        assert [path for path in named if not (ROOT / path).exists()] == [], document


def test_the_tests_that_hold_each_defence_are_there() -> None:
    named = re.findall(r"([\w/]+\.py) · (\w+)", (ROOT / "SECURITY.md").read_text())
    assert len(named) > 30
    assert [
        (path, name)
        for path, name in named
        if not re.search(rf"^(?:async )?def test_{name}\(", (ROOT / "tests" / path).read_text(), re.M)
    ] == []


def test_the_documented_schema_is_what_the_migrations_make(database: Database) -> None:
    tables = (ROOT / "ARCHITECTURE.md").read_text().partition("## Tables")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", tables, re.M))
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
            "AND table_name !~ '^(_?yoyo|activity_)'"
        ).fetchall()
    assert documented == {row[0] for row in rows}


def test_the_table_of_operations_is_true() -> None:
    assert (ROOT / "AWS.md").read_text().partition(MARK)[2] == table()
