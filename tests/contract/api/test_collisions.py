"""Two writes that wait for each other: one goes through, the other is told to try again."""

from django.db import OperationalError
from django.test import RequestFactory
from ninja import NinjaAPI
from psycopg.errors import DeadlockDetected

from guanxi.http.problems import install_problem_handlers


def _answer(fault: Exception) -> tuple[int, str | None]:
    api = NinjaAPI(urls_namespace=f"collisions-{id(fault)}")
    install_problem_handlers(api)
    answer = api.on_exception(RequestFactory().post("/"), fault)
    return answer.status_code, answer.headers.get("Retry-After")


def test_a_collision_asks_for_another_try() -> None:
    fault = OperationalError("deadlock detected")
    fault.__cause__ = DeadlockDetected()
    assert _answer(fault) == (503, "1")


def test_a_database_that_is_gone_is_a_fault_of_ours() -> None:
    assert _answer(OperationalError("the connection is closed")) == (500, None)
