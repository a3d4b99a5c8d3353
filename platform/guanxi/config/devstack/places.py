"""Where the development stack keeps its files, for an ordinary user and for root."""

import hashlib
import os
import pwd
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
ROOT_HOME = Path("/var/lib/guanxi-dev")
UNPRIVILEGED = ("nobody", "postgres", "daemon", "bin")


class StackError(Exception):
    """Something that the developer has to know: what failed, and what to do about it."""

    def __init__(self, what: str, *, remedy: str = "", lines: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Account:
    """The account a server runs under when the developer is root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The folders of one stack. Everything that it writes is below `state`, databases of root excepted."""

    checkout: Path
    state: Path

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def tools(self) -> Path:
        return self.checkout / "var" / "tools"

    @property
    def demo_json(self) -> Path:
        return self.state / "demo.json"

    def prepare(self) -> None:
        for folder in (self.state, self.log, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)

    def secret(self, name: str, nbytes: int = 32) -> str:
        """A secret that is made once and then stays the same."""
        path = self.secrets / name
        if not path.exists():
            self.prepare()
            temporary = path.with_name(f".{name}.{os.getpid()}")
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(nbytes))
            try:
                os.link(temporary, path)  # the first of two that race wins, the other reads its secret
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        return path.read_text().strip()

    def database_home(self) -> Path:
        """
        The folder that holds the database's files. PostgreSQL refuses to run as root, and an unprivileged account
        cannot enter a private home; so root's databases live apart unless the chosen state folder is open to it.
        """
        account = unprivileged_account()
        if account is None:
            return self.state / "postgres"
        if os.environ.get("GUANXI_STATE") and reachable(self.state, account):
            return self.state / "postgres"
        return ROOT_HOME / hashlib.sha256(str(self.state).encode()).hexdigest()[:12]


def default_places() -> Places:
    state = Path(os.environ.get("GUANXI_STATE") or CHECKOUT / "var").expanduser().absolute()
    return Places(checkout=CHECKOUT, state=state)


def unprivileged_account() -> Account | None:
    """None for an ordinary user; for root an account that every system has (initdb wants it to have a name)."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(entry.pw_uid, entry.pw_gid)
    raise StackError(
        "PostgreSQL cannot run as root, and this system has none of the accounts " + ", ".join(UNPRIVILEGED) + ".",
        remedy="Run as an ordinary user, or set DATABASE_URL to a server of your own.",
    )


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder on the way to `path` (which itself need not exist yet)."""
    return all(_may_enter(folder, account) for folder in (path, *path.parents) if folder.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def make_folder_for(folder: Path, account: Account | None) -> None:
    """Makes a private folder for the account. Folders that exist already, above all the parents, stay as they are."""
    if account is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    make_passable(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.uid, account.gid)


def make_passable(folder: Path) -> None:
    """Makes the folders that do not exist yet, so that any account may pass through them."""
    for missing in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755)  # whatever the umask says
