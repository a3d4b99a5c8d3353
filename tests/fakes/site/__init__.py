"""A customer's own web site: pages that embed the chat and make its life hard."""

from tests.fakes.site.server import FakeSite

__all__ = ["FakeSite"]
