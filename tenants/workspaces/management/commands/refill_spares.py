"""`refill_spares`: makes spare schemas until there are enough."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.workspaces.provisioning.spares import refill_spares


class Command(BaseCommand):
    """Makes spare schemas until there are enough."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --spares."""
        parser.add_argument("--spares", type=int, default=None, help="how many spare schemas to have afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refill."""
        made = refill_spares(wanted=options["spares"], told=self.stdout.write)
        self.stdout.write(f"{made} made")
