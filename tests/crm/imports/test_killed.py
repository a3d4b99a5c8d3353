"""A worker that is killed in the middle of an import: the next one goes on, and no row is there twice or missing."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from crm.customers.models import Customer
from crm.imports.models import Import
from crm.imports.services import start_run
from crm.imports.types import CHUNK
from guanxi.common import clock
from guanxi.jobs.models import Job
from guanxi.jobs.services import LOST_AFTER
from guanxi.jobs.tasks import run_job
from guanxi.tenancy import TenantRef
from tests.crm.imports.tables import check, csv_of, upload
from tests.guanxi.processes import end_with_parent
from tests.people import actor_named

pytestmark = [pytest.mark.slow, pytest.mark.committed]
ROWS = 12 * CHUNK
WORKER = """
import sys
import django
django.setup()
from tests import databases
databases.use(sys.argv[1])
from guanxi.jobs.tasks import run_job
from guanxi.tenancy import find_tenant, tenant_scope
with tenant_scope(find_tenant(sys.argv[2])):
    run_job(int(sys.argv[3]))
"""


def worker(alpha: TenantRef, job_id: int) -> "subprocess.Popen[bytes]":
    """Run the job in a process of its own."""
    name = str(connection.settings_dict["NAME"])
    known = [str(path) for path in sys.path if path]
    paths = os.pathsep.join([*known, str(settings.BASE_DIR), str(settings.BASE_DIR / "platform")])
    environment = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, "-c", WORKER, name, alpha.schema, str(job_id)]
    return subprocess.Popen(command, env=environment, preexec_fn=end_with_parent)


def test_killed_in_the_middle_and_gone_on(alpha: TenantRef) -> None:
    owner = actor_named("owner")
    rows = [[f"公司{n}", f"139{n:08}"] for n in range(ROWS)]
    run = check(owner, upload(owner, csv_of(["客户名称", "电话"], *rows)), match_keys=["phone"])
    run = start_run(actor=owner, import_id=run.pk)
    job_id = run.run_job_id or 0
    first = worker(alpha, job_id)
    deadline = time.monotonic() + 120
    while run.chunks.count() < 2:
        assert first.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    there = Customer.objects.count()
    assert 0 < there < ROWS and there % CHUNK == 0, "a chunk is there as a whole or not at all"
    with clock.at(clock.now() + LOST_AFTER + timedelta(seconds=1)):
        run_job(job_id)
    assert Job.objects.get(pk=job_id).attempts == 2
    found = Import.objects.get(pk=run.pk)
    assert found.state == "done" and found.counts["created"] == ROWS and found.counts["skipped"] == 0
    phones = list(Customer.objects.values_list("phone", flat=True))
    assert len(phones) == len(set(phones)) == ROWS, "none twice, none missing"
