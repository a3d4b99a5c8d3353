"""`openapi`: writes openapi.json, or checks that it is what the code says."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.config.openapi import FILE, openapi_bytes


class Command(BaseCommand):
    """Writes or checks openapi.json."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is old")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        fresh = openapi_bytes()
        if options["check"]:
            if not FILE.is_file() or FILE.read_bytes() != fresh:
                raise CommandError("openapi.json is old; run `guanxi manage openapi` and commit it")
            self.stdout.write("openapi.json is up to date")
        else:
            FILE.write_bytes(fresh)
            self.stdout.write(f"openapi.json written, {len(fresh):,} bytes")
