"""Limits of programs, told with every answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from guanxi.common.errors import Problem, RateLimited
from guanxi.http.problems import problem_response
from guanxi.http.throttles import take_call


def limited(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a Ninja operation's run: count the call, refuse it beyond the limit, and say in the answer what is left."""

    @wraps(run)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        allowance = take_call(request)
        if allowance.refused:
            response = problem_response(RateLimited(allowance.reset))
        else:
            response = _answered(run, request, kwargs)
        for name, value in allowance.headers().items():
            response.headers[name] = value
        return response

    return wrapper


def _answered(run: Callable[..., HttpResponse], request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse:
    try:
        return run(request, **kwargs)
    except RequestDataTooBig:
        return problem_response(Problem("too_large", status=413, detail="The request is too large. Nothing was saved."))
