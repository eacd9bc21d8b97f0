"""Exchanges recorded from the loopback provider, replayed: the whole record of each, by value.

`RECORD_CASSETTES=1` records them anew; see `cassettes/README.md`.
"""

import inspect
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import vcr
from msgspec.structs import replace
from plugin_cases import CASES, Case
from vcr.record_mode import RecordMode

from agentops.domain.spans import SpanStatus
from agentops.testing.provider import Provider

CASSETTES = Path(__file__).parents[2] / "cassettes"
RECORDING = bool(os.environ.get("RECORD_CASSETTES"))
NOWHERE = "http://provider.invalid"
KEPT_HEADERS = {"content-type", "x-request-id", "request-id"}


def nameless(request: Any) -> Any:
    """A request as it is kept: to nobody, without the headers that tell of a machine."""
    request.uri = NOWHERE + request.path
    request.headers = {key: value for key, value in request.headers.items() if key.lower() in KEPT_HEADERS}
    return request


def kept(response: Any) -> Any:
    """A response as it is kept."""
    found = response["headers"]
    return {**response, "headers": {key: value for key, value in found.items() if key.lower() in KEPT_HEADERS}}


def same_end(asked: Any, recorded: Any) -> None:
    """The endpoint is the recorded one; versions of a client differ in whether `/v1` is part of the address."""
    assert asked.path.removeprefix("/v1") == recorded.path.removeprefix("/v1")


@contextmanager
def exchange(case: Case) -> Generator[str]:
    """The address where a case is answered: by its cassette, or by the provider while it is recorded."""
    player: Any = vcr.VCR(before_record_request=nameless, before_record_response=kept)
    player.register_matcher("same end", same_end)
    file = CASSETTES / case.plugin / f"{case.name}.yaml"
    mode = RecordMode.ALL if RECORDING else RecordMode.NONE
    with player.use_cassette(str(file), record_mode=mode, match_on=["method", "same end"]):
        if not RECORDING:
            yield NOWHERE
            return
        with Provider([case.turn], clock=lambda: 1_767_225_600) as provider:
            yield provider.url


@pytest.mark.parametrize("kind", ["sync"] if RECORDING else ["sync", "async"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.plugin}-{case.name}")
async def test_an_exchange_is_recorded_by_value(case: Case, kind: str, flight: Any) -> None:
    """What was asked, offered, answered and refused, with tokens and ids."""
    with exchange(case) as address:
        client = case.make_client(kind, address)
        raised: Any = None
        try:
            await exhaust(case.call(client))
        except pytest.importorskip(case.plugin).APIStatusError as error:
            raised = error.__class__
        await exhaust(client.close())
    span = flight.span
    assert (span.request.messages, span.request.tools) == (case.messages, case.tools)
    assert span.response == case.response
    assert span.status is (SpanStatus.OK if case.error is None else SpanStatus.ERROR)
    if case.error is not None:
        assert span.error.type == f"{raised.__module__}.{raised.__qualname__}"
        assert replace(span.error, stacktrace=None, type=case.error.type) == case.error


async def exhaust(result: Any) -> None:
    """Wait for what a client of either kind gives, and read a stream to its end."""
    answer = await result if inspect.isawaitable(result) else result
    if hasattr(answer, "__anext__"):
        async for _ in answer:
            pass
    elif hasattr(answer, "__next__"):
        for _ in answer:
            pass
