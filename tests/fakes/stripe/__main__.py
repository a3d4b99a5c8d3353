"""Run Stripe's stand-in as a process of its own."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from aiohttp import web

from tests.fakes.stripe.fake import make_app
from tests.fakes.stripe.faults import Faults
from tests.fakes.stripe.pushing import Target
from tests.fakes.stripe.shop import Shop


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fakes.stripe", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="HTTP port")
    parser.add_argument("--state", type=Path, default=None, help="folder to keep the state in")
    parser.add_argument("--webhook-url", default=_webhook_url(), help="where events go")
    parser.add_argument("--webhook-secret", default=os.environ.get("STRIPE_WEBHOOK_SECRET", ""))
    options = parser.parse_args()
    shop = Shop(options.state)
    shop.base_url = f"http://127.0.0.1:{options.port}"
    app = make_app(shop, Target(options.webhook_url, options.webhook_secret), Faults())
    web.run_app(app, host=options.host, port=options.port, print=lambda *_: None, access_log=None, shutdown_timeout=1.0)


def _webhook_url() -> str:
    base = os.environ.get("GUANXI_API_URL", "")
    return f"{base}/stripe/webhook" if base else ""


if __name__ == "__main__":
    main()
