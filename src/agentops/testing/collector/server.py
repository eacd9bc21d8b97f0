"""The loopback collector: a real HTTP server for the v2 protocol."""

import gzip
import json
import os
import time
from collections.abc import Callable, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Self

from agentops.delivery.api import FRAMES_PATH
from agentops.domain.spans import SpanRecord
from agentops.testing.collector.register import Planned, RefusedError, Register, Veto
from agentops.testing.collector.telling import Body
from agentops.testing.provider.connection import Connection
from agentops.testing.provider.listener import Listener
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Fault, FaultKind


class Collector:
    """An HTTP server on 127.0.0.1 to which programs send their recordings.

    Use it as a context manager, or `start` and `close` it; closed, it refuses connections, and started again it
    listens where it did.

        with Collector() as collector:
            collector.fail(Fault.refused(503, retry_after=1), times=2)
            run_program(env=os.environ | collector.environment())
            assert [event["name"] for event in collector.events] == ["search"]

    Args:
        api_key: the only key that it accepts; any if None.
        accepts: what it takes beyond the original protocol, as it says when a session is announced: `frames`, `gzip`.
        token_seconds: how long its tokens live; None makes tokens that do not say.
        port: where to listen; 0 takes a free port.
        clock: tells the time from which tokens live, Unix seconds.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        accepts: Sequence[str] = (),
        token_seconds: float | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._register = Register(api_key, tuple(accepts), token_seconds, clock)
        self._handler = type("_Exchange", (_Exchange,), {"register": self._register, "numbers": count(1)})
        self._listener: Listener | None = Listener(port, self._handler)
        self.port = self._listener.port

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request that arrived whole, in its order, whatever became of it."""
        return list(self._register.requests)

    @property
    def paths(self) -> list[str]:
        """The routes that were asked, in their order, without `/v2/`."""
        return [request.path.removeprefix("/v2/") for request in self.requests]

    @property
    def sessions(self) -> dict[str, Body]:
        """The sessions by id, as they stand."""
        return dict(self._register.sessions)

    @property
    def agents(self) -> list[Body]:
        """The agents, each once."""
        return list(self._register.agents.values())

    @property
    def events(self) -> list[Body]:
        """The events, each once, in the order of their first arrival."""
        return list(self._register.events.values())

    @property
    def logs(self) -> list[Body]:
        """What programs wrote, as it arrived; only collectors that take frames are told."""
        return list(self._register.logs)

    @property
    def running(self) -> list[SpanRecord]:
        """The spans that began and have not ended; only collectors that take frames are told."""
        return list(self._register.running.values())

    @property
    def arrivals(self) -> int:
        """How many events arrived, those that came again counted in."""
        return self._register.arrivals

    def of_type(self, event_type: str) -> list[Body]:
        """The events of one type."""
        return [event for event in self.events if event["event_type"] == event_type]

    def fail(self, fault: Fault, *, times: int = 1, route: str | None = None) -> None:
        """Let the next requests go wrong: all, or those of one route (`create_events`).

        A connection that is reset or closed is so after the request was read.
        """
        self._register.faults.append(Planned(fault, times, None if route is None else f"/v2/{route}"))

    def mend(self) -> None:
        """Let nothing go wrong any more."""
        self._register.faults.clear()
        self._register.veto = None

    def refuse_events(self, of: Callable[[Body], bool], *, status: int = 422, alone: bool = False) -> None:
        """Refuse these events: with all that came in their request, or `alone`, which the reply then says."""
        self._register.veto = Veto(of, status, alone)

    def accept_key(self, api_key: str | None) -> None:
        """Accept this API key from now on, and no other."""
        self._register.api_key = api_key

    def expire_tokens(self) -> None:
        """Let no token be good any more that was given so far."""
        self._register.tokens.clear()

    def environment(self) -> dict[str, str]:
        """The environment variables with which a program sends its recordings here."""
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy", "")), "127.0.0.1"]))
        key = self._register.api_key or "loopback"
        return {"AGENTOPS_API_ENDPOINT": self.url, "AGENTOPS_API_KEY": key, "NO_PROXY": direct, "no_proxy": direct}

    def start(self) -> Self:
        """Begin to answer."""
        if self._listener is None:
            self._listener = Listener(self.port, self._handler)
        self._listener.start()
        return self

    def close(self) -> None:
        """Hang up and refuse connections; what is known stays known."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Exchange(Connection):
    """One client connection."""

    register: Register
    numbers: Any

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Take a request in and reply, or go wrong as planned."""
        request = self.read_request(next(self.numbers))
        if request.headers.get("content-encoding") == "gzip":
            request.raw = gzip.decompress(request.raw)
            request.body = None if request.path == FRAMES_PATH else json.loads(request.raw)
        with self.register.lock:
            self.register.requests.append(request)
        fault = self.register.next_fault(request.path)
        if fault is not None and not self._is_partly_answered(fault):
            self._spoil(fault)
            return
        try:
            reply = self.register.answer(request)
        except RefusedError as error:
            self.write_json(error.status, {"path": request.path, "message": str(error)}, {})
            return
        self.write_json(200, reply, {}, fault=fault)

    def _is_partly_answered(self, fault: Fault) -> bool:
        """Whether the request is taken in before its answer goes wrong."""
        return fault.kind in {FaultKind.TRUNCATED, FaultKind.GARBLED}

    def _spoil(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.STALLED:
                self.stall()
            case FaultKind.RESET:
                self.reset()
            case _:
                after = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
                self.write_json(fault.status, {"message": fault.message or "not now"}, after)
