"""The nightly chores of the packages below this one, which do not know that there are nights."""

from guanxi.files.services import sweep_orphans
from guanxi.jobs.registry import daily

daily("files.sweep")(sweep_orphans)
