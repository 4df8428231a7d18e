"""As whom the embedded PostgreSQL runs, and who may connect.

PostgreSQL refuses to run as root. For root it runs as a system account of its own, `erstwhile-db`, which has no shell,
no password and no home, and is made on first use; that account may pass through the folders above the data and the
programs, and sees nothing of them. For anybody else it runs as they themselves.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import stat
import struct
import subprocess
from pathlib import Path
from typing import Any

ACCOUNT = "erstwhile-db"
_ACL = "system.posix_acl_access"
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NOBODY = 0xFFFFFFFF


class NoAccount(RuntimeError):
    """there is no account to run the database as"""


def account_for(data: Path) -> dict[str, Any] | None:
    """The account that the server runs as, where it is not our own: the owner of the data, else ACCOUNT.

    Raises NoAccount.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    found = _known(owner) if owner else _named(ACCOUNT) or _made()
    return {"uid": found.pw_uid, "gid": found.pw_gid}


def logins(home: Path) -> list[str]:
    """The accounts of the operating system that may connect: ours, and whose the home is."""
    try:
        ours = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise NoAccount(
            f"user {os.geteuid()} of this system has no name; PostgreSQL needs one (a line in /etc/passwd)"
        ) from None
    owner = _known_name(home.stat().st_uid) if home.exists() else None
    return list(dict.fromkeys([ours, *([owner] if owner else [])]))


def let_pass(account: dict[str, Any], path: Path) -> None:
    """Lets the account through the folders above a path, without seeing what is in them. Raises NoAccount."""
    for folder in reversed(path.resolve().parents):
        mode = folder.stat()
        if mode.st_mode & stat.S_IXOTH or (mode.st_uid == account["uid"] and mode.st_mode & stat.S_IXUSR):
            continue
        try:
            _allow_passage(folder, account["uid"])
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.EROFS):
                raise
            raise NoAccount(
                f"the account {ACCOUNT} cannot pass through {folder}: `chmod o+x {folder}`, or choose another --home"
            ) from None


def _allow_passage(folder: Path, uid: int) -> None:
    """An access control list that adds `user:uid:--x`: acl(5), in the form of Linux's posix_acl_xattr.h."""
    entries: dict[tuple[int, int], int] = {}
    try:
        raw = os.getxattr(folder, _ACL)
        entries = {(tag, who): may for tag, may, who in struct.iter_unpack("<HHI", raw[4:])}
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        mode = folder.stat().st_mode
        for tag, shift in ((_USER_OBJ, 6), (_GROUP_OBJ, 3), (_OTHER, 0)):
            entries[tag, _NOBODY] = mode >> shift & 7
    entries[_USER, uid] = entries.get((_USER, uid), 0) | 1
    of_groups = (may for (tag, _), may in entries.items() if tag in (_GROUP_OBJ, _USER, _GROUP))
    mask = 0
    for may in of_groups:
        mask |= may
    entries[_MASK, _NOBODY] = mask
    packed = b"".join(struct.pack("<HHI", tag, may, who) for (tag, who), may in sorted(entries.items()))
    os.setxattr(folder, _ACL, struct.pack("<I", 2) + packed)


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _known(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise NoAccount(f"the data belongs to user {uid}, whom this system does not know") from None


def _known_name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _made() -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is not None:
        nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/bin/false"
        command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", nologin, ACCOUNT], capture_output=True, check=False)
    found = _named(ACCOUNT)
    if found is None:
        raise NoAccount(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} could not be made: make it "
            f"(useradd --system {ACCOUNT}), or run this as another user"
        )
    return found
