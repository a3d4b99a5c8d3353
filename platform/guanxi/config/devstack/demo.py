"""`guanxi demo`: everything on one machine, filled, with its addresses and logins."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from guanxi.config.devstack import steps
from guanxi.config.devstack.measure import measure
from guanxi.config.devstack.places import Places, StackError, default_places
from guanxi.config.devstack.ports import Ports
from guanxi.config.devstack.probes import status
from guanxi.config.devstack.progress import table
from guanxi.config.devstack.stack import Plan, Stack
from guanxi.config.devstack.supervisor import Supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-fill", action="store_true", help="start without the demo's data")
    parser.add_argument("--once", action="store_true", help="start, see that everything answers, and stop")
    parser.add_argument("--measure", action="store_true", help="print what memory each process takes")
    parser.add_argument("--tied", action="store_true", help="end when the program that started this one ends")
    parser.add_argument("--port", type=int, help="the web server's port, if it is free")


def run(args: argparse.Namespace) -> int:
    places = default_places()

    def planner(_places: Places, ports: Ports) -> Plan:
        return plan(places, ports, port=args.port, fill=not args.no_fill)

    stack = Stack(places, planner, tied=args.tied)

    def greet(current: Plan) -> None:
        if args.measure:
            stack.progress.say("\n".join(["", *measure()]))
        for line in overview(places, current.environment):
            stack.progress.say(line)

    def watch(supervisor: Supervisor) -> None:
        if args.once:
            check_answers(places, stack.ports)
        else:
            supervisor.watch()

    return stack.run(greet=greet, watch=watch)


def plan(places: Places, ports: Ports, *, port: int | None, fill: bool, name: str = "demo") -> Plan:
    """The programs of the demo, on ports that are free."""
    web_port = ports.take("web", steps.WEB_PORT, wished=port)
    environment = {"GUANXI_ENV": name, "GUANXI_BASE_URL": f"http://localhost:{web_port}"}
    environment["GUANXI_API_URL"] = f"http://127.0.0.1:{web_port}"
    smtp_port = ports.take("smtp", steps.SMTP_PORT)
    environment["GUANXI_SMTP_URL"] = f"smtp://127.0.0.1:{smtp_port}"
    fakes = [(fake, ports.take(fake.name, fake.port)) for fake in steps.FAKES if _exists(places, fake.module)]
    for fake, fake_port in fakes:
        environment[fake.variable] = f"http://127.0.0.1:{fake_port}{fake.path}"
    # Only the stand-in takes this key, and only it signs with this secret.
    environment["STRIPE_SECRET_KEY"], environment["STRIPE_WEBHOOK_SECRET"] = "sk_test_demo", "whsec_demo"
    # The stand-ins live on this machine, which outgoing requests may not reach unless told so, place by place.
    environment["GUANXI_OUTBOUND_ALLOW"] = ",".join(f"127.0.0.1:{fake_port}" for _, fake_port in fakes)
    return Plan(
        environment=environment,
        prepare=steps.prepare(),
        programs=(
            *(
                steps.fake(fake, port=fake_port, state=places.state / "fakes", smtp_port=smtp_port)
                for fake, fake_port in fakes
            ),
            steps.web(port=web_port),
            steps.worker(),
            steps.beat(run=places.run),
            steps.relay(),
        ),
        fill=steps.fill() if fill else None,
    )


def overview(places: Places, environment: Mapping[str, str]) -> list[str]:
    """Addresses and logins, read from var/demo.json."""
    rows = [("Start page", environment.get("GUANXI_BASE_URL", "")), ("Logs", str(places.log))]
    tenants: list[str] = []
    try:
        demo = json.loads(places.demo_json.read_text())
    except (OSError, ValueError):
        pass
    else:
        rows += [("API for programs", demo.get("api_url", "")), ("The same for scripts", str(places.demo_json))]
        for tenant in demo.get("tenants", []):
            tenants += ["", f"  {tenant.get('name', '')}", *table(_tenant_rows(tenant), indent="    ")]
    return ["", "Guanxi runs. Ctrl-C stops it.", "", *table(rows), *tenants, ""]


def _tenant_rows(tenant: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("page", tenant.get("url", ""))]
    if tenant.get("phone_simulator_url"):
        rows.append(("phone", tenant["phone_simulator_url"]))
    return rows + [
        (user.get("role", ""), user.get("email", ""), user.get("password", "")) for user in tenant.get("users", [])
    ]


def check_answers(places: Places, ports: Ports) -> None:
    """The start page and every workspace answer; else StackError."""
    web = ports.known["web"]
    hosts = [f"localhost:{web}"]
    if places.demo_json.exists():
        hosts += [str(tenant["host"]) for tenant in json.loads(places.demo_json.read_text())["tenants"]]
    for host in hosts:
        answer = status(web, "/", host=host, patience=10)
        if answer not in range(200, 400):
            raise StackError(f"http://{host}/ answers {answer or 'nothing'}.", remedy=f"See {places.log / 'web.log'}")


def _exists(places: Places, module: str) -> bool:
    """Looked for as a file: to ask the import system would import what stands above it."""
    return (places.checkout / module.replace(".", "/") / "__main__.py").exists()
