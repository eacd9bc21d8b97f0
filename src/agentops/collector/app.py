"""The collector as a web application, built from the table of routes."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as StarletteRoute

from agentops.catching import Catching
from agentops.collector.access import Principal
from agentops.collector.asked import Asked
from agentops.collector.asking import check_json_type, read_json, read_query
from agentops.collector.bodies import read_body
from agentops.collector.hosts import Guest
from agentops.collector.load import Share
from agentops.collector.problems import RequestError, problem_of, reply_to
from agentops.collector.remarks import note_answer, note_fault
from agentops.collector.replies import Content, Stream
from agentops.collector.routes import Route
from agentops.collector.services import Services
from agentops.errors import UnauthorizedError

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer that does not say otherwise: nothing here is to be run, guessed at or kept by others."""


def build_app(services: Services, routes: Sequence[Route]) -> Starlette:
    """The application that answers these routes."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, {})[route.method] = route

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncGenerator[None]:
        services.live.start()
        yield
        services.live.close()

    return Starlette(
        routes=[
            StarletteRoute(path, Endpoint(services, methods), methods=[*methods]) for path, methods in by_path.items()
        ],
        exception_handlers={HTTPException: _answer_http_error},
        lifespan=living,
    )


class Endpoint:
    """Answers the requests to one path: who asks, what is asked, and the answer as HTTP has it."""

    def __init__(self, services: Services, methods: Mapping[str, Route]) -> None:
        self._services = services
        self._methods = methods
        self._guest = Guest(services.options)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request (ASGI)."""
        request = Request(scope, receive)
        started = time.perf_counter()
        route = self._methods["GET" if request.method == "HEAD" else request.method]
        name = f"{route.method} {route.path}"
        response: Response | None = None
        reason: str | None = None
        with Catching() as caught, self._services.load.share() as share:
            self._guest.check(request.method, request.headers)
            response = await self._answer(route, request, share)
        if response is None:
            response, reason = _refusal(route, request, caught.error)
            caught.error = None  # its traceback holds on to what was sent
        self._allow(request, response)
        seconds = time.perf_counter() - started
        self._services.meters.note_request(name, response.status_code, seconds)
        client = request.client.host if request.client else None
        note_answer(name, response.status_code, seconds, client=client, reason=reason)
        await response(scope, receive, send)

    async def _answer(self, route: Route, request: Request, share: Share) -> Response:
        services = self._services
        principal = self._admit(route, request)
        query = None if route.query is None else read_query(route.query, request.query_params.multi_items())
        body = await self._body(route, request, share)

        def answer(store: Any) -> Asked[Any, Any]:
            return Asked(
                services=services,
                principal=principal,
                store=store,
                path=request.path_params,
                query=query,
                body=body,
                headers=request.headers,
                base_url=str(request.base_url).rstrip("/"),
                share=share,
            )

        found = await self._run(route, principal, answer)
        return _response(found, route.status, is_head=request.method == "HEAD")

    def _admit(self, route: Route, request: Request) -> Principal:
        """Whoever asks, if they may."""
        try:
            return self._services.access.admit(request.headers, route.scope)
        except UnauthorizedError as error:
            problem = problem_of(error)
            if problem is None or problem.status == route.unauthorized:
                raise
            raise RequestError(route.unauthorized, problem.error, str(error)) from error

    async def _run(self, route: Route, principal: Principal, ask: Callable[[Any], Asked[Any, Any]]) -> Any:
        projects = self._services.projects
        if inspect.iscoroutinefunction(route.answer):
            with projects.lease(principal.project) as store:
                found: Awaitable[Any] = route.answer(ask(store))
                return await found

        def work() -> Any:
            with projects.lease(principal.project) as store:
                return route.answer(ask(store))

        pool = self._services.writers if route.is_ingest else self._services.readers
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def _body(self, route: Route, request: Request, share: Share) -> Any:
        if route.body is None:
            return None
        if route.body is not bytes:
            check_json_type(request.headers.get("content-type", ""))
        data = await read_body(request, self._services.options.limits, share)
        return data if route.body is bytes else read_json(route.body, data, share)

    def _allow(self, request: Request, response: Response) -> None:
        """Let the pages of allowed origins see the answer."""
        origin = request.headers.get("origin")
        if self._guest.may_read(origin):
            response.headers["Access-Control-Allow-Origin"] = origin or ""
            response.headers["Vary"] = "Origin"


def _refusal(route: Route, request: Request, error: Exception | None) -> tuple[Response, str]:
    """The answer that tells of an error, and its reason."""
    problem = (None if error is None else problem_of(error)) or _fault(f"{route.method} {route.path}", error)
    return _response(route.problems.write(problem, request.url.path, request.headers)), str(problem)


def _response(found: Any, status: int = 200, *, is_head: bool = False) -> Response:
    if isinstance(found, Stream):
        if is_head:
            return Response(media_type=found.media_type, headers={**_HEADERS, **found.headers})
        return StreamingResponse(found.pieces, media_type=found.media_type, headers={**_HEADERS, **found.headers})
    content = found if isinstance(found, Content) else Content(found, status=status)
    return Response(
        content.encoded(),
        status_code=content.status,
        media_type=content.media_type,
        headers={**_HEADERS, **content.headers},
    )


async def _answer_http_error(request: Request, error: Exception) -> Response:
    """No such path, or not with this method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    word = "not_found" if error.status_code == 404 else "method_not_allowed"  # noqa: PLR2004 - the status that says so
    headers = dict(error.headers or {})
    problem = RequestError(
        error.status_code, word, f"{request.method} {request.url.path}: {error.detail}", headers=headers
    )
    return _response(reply_to(problem, request.url.path))


def _fault(route: str, error: Exception | None) -> RequestError:
    """A fault of ours: it is logged with where it happened, and the client learns no more than that there was one."""
    note_fault(route, error)
    return RequestError(500, "internal", "this is a fault of the server; its log says more")
