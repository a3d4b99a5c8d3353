"""One template database with two tenants in it, cloned for each worker, and cloned again after a test that commits."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from guanxi.config.env import ROOT

SOURCES = ("platform", "tenants", "crm", "bots", "billing")
PROVISIONING = ("tenants/workspaces", "tenants/members", "platform/guanxi/tenancy")


def _fingerprint() -> str:
    """Return a digest of everything that shapes the template: migrations, models, the code that makes a workspace."""
    digest = hashlib.sha256()
    paths = {path for source in SOURCES for path in (ROOT / source).rglob("migrations/*.py")}
    paths |= {path for folder in PROVISIONING for path in (ROOT / folder).rglob("*.py")}
    paths |= {path for source in SOURCES for path in (ROOT / source).rglob("defaults.py")}
    paths |= {ROOT / "tests" / name for name in ("databases.py", "world.py")}
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    values: dict[str, Any] = settings.DATABASES["default"]
    params = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"], "password": values["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **{k: v for k, v in params.items() if v}) as server:
        yield server


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def exists(name: str) -> bool:
    """Return whether there is such a database."""
    with _server() as server:
        return _exists(server, name)


def named_like(pattern: str) -> list[str]:
    """Return the databases whose names fit an SQL pattern."""
    with _server() as server:
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY datname", [pattern])
        return [str(name) for (name,) in found]


def rename(name: str, to: str) -> None:
    """Give a database another name; nobody may be connected to it."""
    with _server() as server:
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


def drop(name: str) -> None:
    """Drop a database, whoever is still connected."""
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clone(template: str, name: str) -> None:
    """Make `name` a fresh copy of the template."""
    drop(name)
    with _server() as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def use(name: str) -> None:
    """Point Django at a database; child processes find it in DATABASE_URL."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
    base = os.environ["DATABASE_URL"]
    head, _, tail = base.rpartition("/")
    query = f"?{tail.partition('?')[2]}" if "?" in tail else ""
    os.environ["DATABASE_URL"] = f"{head}/{name}{query}"


def ensure_template(build: Any) -> str:
    """Return the template's name; the first worker that comes builds it with `build()`, the others wait."""
    name = f"gx_template_{_fingerprint()}"
    lock_path = Path(settings.STATE_DIR) / "test" / "template.lock"
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _server() as server:
            if _exists(server, name):
                return name
            unfinished = f"{name}_making"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        before = str(settings.DATABASES["default"]["NAME"])
        use(unfinished)
        build()
        use(before)
        with _server() as server:
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
    return name
