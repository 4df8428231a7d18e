"""All settings, in one table, which configuration files, `erstwhile config show` and RUNNING.md follow.

A setting is a variable of the environment. In the file it has the same name, in lower case and without ERSTWHILE_. The
module that reads a setting checks its value.
"""

from __future__ import annotations

from typing import NamedTuple

PREFIX = "ERSTWHILE_"


class Setting(NamedTuple):
    """`default`: as it is documented; `is_secret`: it is shown to nobody."""

    name: str
    group: str
    default: str
    about: str
    is_secret: bool = False

    @property
    def key(self) -> str:
        """Its name in the file."""
        return self.name.removeprefix(PREFIX).lower()


DATA, LISTENING, LIMITS, LOGS, ANSWERS, SECRETS = (
    "Where the data is", "Listening", "Limits", "Logs, metrics and traces", "Names and decisions", "Keys and secrets",
)  # fmt: skip

SETTINGS = (
    Setting("ERSTWHILE_HOME", DATA, "the user's data directory", "Where the embedded database and the keys lie."),
    Setting("ERSTWHILE_DATABASE_URL", DATA, "", "A PostgreSQL server, 15 or newer, in place of the embedded one; run "
            "`erstwhile migrate` on it.", is_secret=True),
    Setting("ERSTWHILE_HOST", LISTENING, "127.0.0.1", "The address that `serve` listens on."),
    Setting("ERSTWHILE_PORT", LISTENING, "8080", "The port; 0 is any free one."),
    Setting("ERSTWHILE_WORKERS", LISTENING, "1", "So many processes on the one port."),
    Setting("ERSTWHILE_TLS_CERTIFICATE", LISTENING, "", "A file in PEM form: the server speaks TLS with this "
            "certificate (and those above it). Read again when it changes, and on SIGHUP."),
    Setting("ERSTWHILE_TLS_KEY", LISTENING, "", "The file of its private key, without a passphrase."),
    Setting("ERSTWHILE_METRICS_LISTEN", LISTENING, "", "HOST:PORT at which `/metrics` needs no token."),
    Setting("ERSTWHILE_PUBLIC_URL", LISTENING, "", "The URL at which callers reach the server behind a proxy."),
    Setting("ERSTWHILE_TRUSTED_PROXIES", LISTENING, "", "Networks of proxies whose headers about the caller's address "
            "and scheme are accepted."),
    Setting("ERSTWHILE_PROXY_HEADERS", LISTENING, "both", "The headers that these proxies write, `forwarded` or "
            "`x-forwarded`."),
    Setting("ERSTWHILE_RATE_PER_TOKEN", LIMITS, "no limit", "Requests a second of one bearer token, in each worker: "
            "`100`, or `100/500` with those that may come at once. More get 429 with Retry-After."),
    Setting("ERSTWHILE_RATE_PER_ADDRESS", LIMITS, "no limit", "The same for one address, of AWS's calls, too; it is "
            "counted before a token is looked at."),
    Setting("ERSTWHILE_WAITING", LIMITS, "500", "Calls that may wait for a thread, of each kind: of the database, of "
            "long computations, of streams. More get 503 with Retry-After."),
    Setting("ERSTWHILE_LONG_QUESTIONS", LIMITS, "2", "Differences of many principals that each worker has computed at "
            "once, each by a process of its own; others wait. 0: the worker computes them itself."),
    Setting("ERSTWHILE_CONNECTIONS", LIMITS, "10000", "Connections of one worker. For one more, the longest idle is "
            "closed; where none is idle, it gets 503."),
    Setting("ERSTWHILE_TIMEOUT_HEADERS", LIMITS, "20", "Seconds until the headers of a connection's first request are "
            "there, and until TLS is agreed."),
    Setting("ERSTWHILE_TIMEOUT_IDLE", LIMITS, "75", "Seconds that a connection may be idle between two requests."),
    Setting("ERSTWHILE_TIMEOUT_UNREAD", LIMITS, "60", "Seconds that a caller may leave unread what it was sent."),
    Setting("ERSTWHILE_TIMEOUT_DRAIN", LIMITS, "25", "Seconds that calls under way have to end when the server ends."),
    Setting("ERSTWHILE_LOG_FORMAT", LOGS, "auto", "`text`, `json`, or `auto`: text on a terminal, else JSON."),
    Setting("ERSTWHILE_ACCESS_LOG", LOGS, "errors", "Which requests have a line in the log: `all`, `sampled:0.01`, "
            "`errors` (status 400 and above) or `off`."),
    Setting("ERSTWHILE_OTEL_ENDPOINT", LOGS, "", "The URL of an OpenTelemetry collector (OTLP over HTTP), such as "
            "`http://localhost:4318`; needs the extra `otel`."),
    Setting("ERSTWHILE_OTEL_SHARE", LOGS, "1", "The share of traces that are sent, 0 to 1, where the caller's "
            "`traceparent` does not decide it."),
    Setting("ERSTWHILE_TRACEBACK", LOGS, "", "1: commands that fail by a fault of erstwhile's show all of it."),
    Setting("ERSTWHILE_DECISION_LOG", ANSWERS, "all", "Which decisions are recorded: `all`, `denied`, `sampled:0.01` "
            "or `off`."),
    Setting("ERSTWHILE_DECISION_LOG_MASK", ANSWERS, "", "Names of context keys and properties whose values are not "
            "recorded, with * for any characters."),
    Setting("ERSTWHILE_DECISION_LOG_FULL", ANSWERS, "drop", "When 50,000 decisions, or 64 MB, wait to be recorded: "
            "`drop` the next records, or `refuse` the questions."),
    Setting("ERSTWHILE_ACCOUNT_ID", ANSWERS, "123456789012", "The account of names that are not ARNs, and of the root "
            "user's key."),
    Setting("ERSTWHILE_PARTITION", ANSWERS, "aws", "The partition of that account."),
    Setting("ERSTWHILE_NAMES", ANSWERS, "", "A TOML file: rules by which applications' names become ARNs and actions."),
    Setting("ERSTWHILE_RCP_SERVICES", ANSWERS, "", "A JSON file: the services under resource control policies; "
            "replaces the shipped list."),
    Setting("ERSTWHILE_PRIVATE_ISSUERS", ANSWERS, "", "Hosts, addresses and networks of OpenID Connect issuers that "
            "are not public but may be asked."),
    Setting("ERSTWHILE_PRIVATE_WEBHOOKS", ANSWERS, "", "Hosts, addresses and networks of webhooks that are not public "
            "but may be sent to, over plain HTTP too."),
    Setting("ERSTWHILE_TZ", ANSWERS, "UTC", "The time zone of times on the command line."),
    Setting("ERSTWHILE_MASTER_KEY", SECRETS, "`master.key` in the home", "Encrypts secrets: 32 bytes in base64; of "
            "several keys the first encrypts.", is_secret=True),
    Setting("ERSTWHILE_LEDGER_KEY", SECRETS, "`ledger.key` in the home", "The private keys that sign the ledger's "
            "checkpoints.", is_secret=True),
    Setting("ERSTWHILE_LEDGER_ORIGIN", SECRETS, "a random one", "The name of the log in checkpoints, for new keys."),
    Setting("ERSTWHILE_WITNESSES", SECRETS, "", "Witnesses that cosign checkpoints ([LEDGER.md](LEDGER.md))."),
    Setting("ERSTWHILE_LEDGER_ANCHORS", SECRETS, "", "Where checkpoints are written beside ([LEDGER.md](LEDGER.md))."),
    Setting("ERSTWHILE_LEDGER_ANCHOR_EVERY", SECRETS, "3600", "Seconds between two checkpoints that are anchored."),
    Setting("ERSTWHILE_ROOT_ACCESS_KEY_ID", SECRETS, "a new one", "The id of the access key of the account's root "
            "user, for AWS's clients."),
    Setting("ERSTWHILE_ROOT_SECRET_ACCESS_KEY", SECRETS, "a new one", "Its secret.", is_secret=True),
    Setting("ERSTWHILE_FIRST_START", SECRETS, "auto", "What becomes of the secrets of the first start: `print` them, "
            "or `file`: write them to `first-start.env` in the home, for its owner alone; `auto`: print on a "
            "terminal."),
)  # fmt: skip

BY_KEY = {each.key: each for each in SETTINGS}
BY_NAME = {each.name: each for each in SETTINGS}
CONFIG = f"{PREFIX}CONFIG"
"""Names the file, and so does not stand in it."""
