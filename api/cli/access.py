"""AWS's protocol from the side: accounts and their roots' keys, sessions that end early, master keys that change.

What only one of these commands needs is imported where it is used: every command would start later for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from erstwhile.api.cli.caller import caller
from erstwhile.api.cli.console import out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import AsCsv, Column, Columns, Form, Listing, Reverse
from erstwhile.api.cli.options import AsJson
from erstwhile.api.cli.run import fail, open_runtime, print_json, settings
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.account import RegisterAccount

if TYPE_CHECKING:
    from erstwhile.api.aws.secrets.vault import Vault

accounts = typer.Typer(help="Accounts of this service, and their roots' access keys.", no_args_is_help=True)

Account = Annotated[str, typer.Argument(help="Twelve digits.")]


def _vault() -> Vault:
    from erstwhile.api.aws.secrets.vault import open_vault

    return open_vault(settings().home)


def _new_key(runtime: ReadingRuntime, account: str) -> None:
    from erstwhile.api.aws.secrets.access_keys import AccessKeySecrets

    vault = _vault()
    with runtime.connection() as connection:
        vault.require_all(connection)
        key_id, secret, (statement, parameters) = AccessKeySecrets(vault, {}).new_key(account, "root")
        connection.execute(statement, parameters)
    out.print(f"An access key of the root of account {account}; its secret is not shown again:")
    print(f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}")


@accounts.command("create")
def create(
    account: Account,
    partition: Annotated[str, typer.Option(help="aws, aws-cn, aws-us-gov, …")] = "aws",
) -> None:
    """Take an account under government, and print an access key of its root, once."""
    with open_runtime() as runtime:
        command = RegisterAccount(account=account, partition=partition)
        runtime.commands.execute(command, caller("erstwhile:CreateAccount"))
        _new_key(runtime, account)


@accounts.command("key")
def key(account: Account) -> None:
    """Print another access key of an account's root, once. Of an observed account it can only read."""
    with open_runtime() as runtime:
        if runtime.mode(account) is None:
            fail(f"account {account} is not known: `erstwhile account create {account}` takes it under government")
        _new_key(runtime, account)


_ACCOUNTS = (Column("account", lambda each: each["account"]), Column("mode", lambda each: each["mode"]))


@accounts.command("list")
def listing(as_csv: AsCsv = False, columns: Columns = "", reverse: Reverse = False, as_json: AsJson = False) -> None:
    """List the accounts, and whether they are governed here or observed."""
    with open_runtime() as runtime, runtime.directory() as (directory, _):
        found = [{"account": each, "mode": directory.mode(each)} for each in directory.accounts()]
    if as_json:
        print_json(found)
    else:
        show(out, Listing(_ACCOUNTS, found, "no account is known yet"), Form(as_csv, columns, reverse))


def revoke(
    what: Annotated[
        str,
        typer.Argument(help="A session's key id (ASIA…), a long-term one (AKIA…), role/NAME, user/NAME, or an ARN."),
    ],
) -> None:
    """End a session now, deactivate a key, or deny everything to all sessions that a role or user has so far."""
    from erstwhile.api.aws.administration.revoking import revoke as revoke_sessions

    with open_runtime() as runtime:
        out.print(revoke_sessions(runtime, what, datetime.now(UTC), caller("erstwhile:RevokeSessions")))


def reseal() -> None:
    """Seal all stored secrets with the first master key of ERSTWHILE_MASTER_KEY, or of the file master.key."""
    from erstwhile.api.aws.administration.reseal import reseal as reseal_all

    vault = _vault()
    with open_runtime() as runtime, runtime.connection() as connection:
        vault.require_all(connection)
        count = reseal_all(connection, vault)
    sealed = counted(count, "secret is", "secrets are")
    out.print(f"{sealed} sealed anew; all of them need the master key {vault.current} alone")
