"""`migrate_all`: everything that a database needs, empty or of an older release."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.workspaces.provisioning.upgrade import UpgradeFault, upgrade_database


class Command(BaseCommand):
    """Migrates the public tables, the template and every workspace, keeps the template's SQL and refills the spares."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --spares."""
        parser.add_argument("--spares", type=int, default=None, help="how many spare schemas to have afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the upgrade and tell of each step."""
        quiet = options["verbosity"] == 0
        try:
            upgrade_database(told=(lambda text: None) if quiet else self._tell, spares=options["spares"])
        except UpgradeFault as fault:
            raise CommandError(str(fault)) from fault

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
