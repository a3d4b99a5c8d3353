"""The job that works records into a field."""

from guanxi.customfields.services.rebuilding import JOB, rebuild_field
from guanxi.jobs.registry import job_runner

job_runner(JOB)(rebuild_field)
