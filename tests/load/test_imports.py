"""A table of 100,000 customers taken in and out, beside a bare COPY of the same rows; a million is reckoned from it."""

import csv
import io
import random
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import pytest
from django.db import connection
from openpyxl import Workbook

from crm.customers.models import Customer
from crm.imports.models import Export, Import
from crm.imports.services import start_check, start_export, start_run, upload_table
from crm.imports.types import Options
from guanxi.access import Actor
from guanxi.jobs.tasks import run_job
from guanxi.tenancy import TenantRef
from tests.people import actor_named

pytestmark = [pytest.mark.load, pytest.mark.committed]

ROWS = 100_000
HEADER = ["客户名称", "电话", "城市", "行业", "地址", "邮箱", "级别", "标签", "备注", "来源"]
CITIES = ["杭州", "上海", "苏州", "宁波", "南京", "武汉", "成都", "广州"]
TRADES = ["茶业", "科技", "酒店", "商贸", "礼品", "置业", "机械", "食品"]
SIGNS = "西湖云锦瑞天星成汇程丰源盛华德信达通宏远"


def record(number: int, chance: random.Random) -> list[str]:
    """A row as companies have them: every name and phone another one."""
    name = f"{chance.choice(CITIES)}{''.join(chance.sample(SIGNS, 4))}{chance.choice(TRADES)}有限公司{number}"
    return [
        name, f"139{number:08}", chance.choice(CITIES), chance.choice(TRADES), f"文三路 {number} 号",
        f"li{number}@example.com", chance.choice("ABC"), "导入，老客户", "每年中秋采购", "展会",
    ]  # fmt: skip


def csv_table(target: IO[bytes], rows: int = ROWS) -> None:
    """Write the rows as csv."""
    chance = random.Random(7)
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(record(number, chance) for number in range(rows))
    text.flush()
    text.detach()


def xlsx_table(target: IO[bytes], rows: int = ROWS) -> None:
    """Write the rows as a workbook."""
    chance = random.Random(7)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for number in range(rows):
        sheet.append(record(number, chance))
    book.save(target)


def measured(work: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds that the work took, and the most memory of this process meanwhile, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    began = time.perf_counter()
    work()
    taken = time.perf_counter() - began
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return taken, int(peak.split()[1]) // 1024


def say(name: str, taken: float, peak: int, bare: float, rows: int = ROWS) -> None:
    """Print a line of the report."""
    print(
        f"{name:<34} {rows / taken:8.0f} rows/s  {taken:7.1f} s  peak {peak:4} MB  = {taken / bare:5.1f} x COPY; "
        f"a million: {taken * 1_000_000 / rows / 60:5.1f} min",
        flush=True,
    )


def take_in(actor: Actor, fill: Callable[[IO[bytes]], None], name: str, bare: float) -> Import:
    with tempfile.TemporaryFile() as table:
        fill(table)
        run = upload_table(actor=actor, kind="customer", name=name, stream=table)
    options = Options(match_keys=("phone",))
    run = start_check(actor=actor, import_id=run.pk, mapping=run.mapping, options=options)
    check = measured(lambda: run_job(run.check_job_id))
    run = start_run(actor=actor, import_id=run.pk)
    write = measured(lambda: run_job(run.run_job_id))
    say(f"{name}: look through", *check, bare)
    say(f"{name}: write", *write, bare)
    say(f"{name}: both", check[0] + write[0], max(check[1], write[1]), bare)
    found = Import.objects.get(pk=run.pk)
    assert found.counts["created"] == ROWS, found.counts
    return found


def bare_copy() -> float:
    """Return the seconds that COPY takes for the same rows into the same table with its indexes."""
    columns = [field.column for field in Customer._meta.concrete_fields if field.name != "id"]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, io.BytesIO() as rows:
        with cursor.copy(f"COPY (SELECT {names} FROM customers_customer) TO STDOUT") as out:
            for block in out:
                rows.write(block)
        cursor.execute("TRUNCATE customers_customer CASCADE")
        began = time.perf_counter()
        with cursor.copy(f"COPY customers_customer ({names}) FROM STDIN") as into:
            into.write(rows.getvalue())
        return time.perf_counter() - began


def test_100_000_customers_in_and_out(alpha: TenantRef) -> None:
    actor = actor_named("owner")
    with tempfile.TemporaryFile() as table:
        csv_table(table)
        run = upload_table(actor=actor, kind="customer", name="first.csv", stream=table)
    run = start_check(actor=actor, import_id=run.pk, mapping=run.mapping, options=Options())
    run_job(run.check_job_id)
    run_job(start_run(actor=actor, import_id=run.pk).run_job_id)
    bare = bare_copy()
    print(f"\nbare COPY of {ROWS} rows with their keys into the same indexes: {bare:.1f} s; "
          f"this process before: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")  # fmt: skip
    for name, fill in (("csv", csv_table), ("xlsx", xlsx_table)):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE customers_customer CASCADE")
        take_in(actor, fill, f"table.{name}", bare)
    for format_ in ("csv", "xlsx"):
        export = start_export(
            actor=actor, kind="customer", columns=["id", "name", "phone", "city", "owner_id", "tags", "created_at"],
            format_=format_, filters={},
        )  # fmt: skip
        say(f"{format_}: take out", *measured(partial(run_job, export.job_id)), bare)
        assert Export.objects.get(pk=export.pk).rows == ROWS
