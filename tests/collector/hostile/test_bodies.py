"""Bodies that are no requests: whatever bytes they are, they are refused with a reason or taken, at every route."""

import codecs
import json

import httpx
import pytest
from hostile_samples import (
    CODINGS,
    FRAMES,
    JSON,
    PROTOBUF,
    body_for,
    check_alive,
    check_outcome,
    check_refusal,
    packed,
    path_of,
    routes_with,
)
from server_samples import RunningServer

from agentops.collector.routes import Route

SENDING = [route for route in routes_with() if route.body is not None]
ROUTES = pytest.mark.parametrize("route", SENDING, ids=[f"{route.method} {route.path}" for route in SENDING])

DIGITS = b"9" * 100_000
NUMBERS = [DIGITS, b"-" + DIGITS, b"1e" + DIGITS, b"0." + DIGITS, b"1e400", b"-1e400", b"18446744073709551616"]
WORDS = [b"NaN", b"Infinity", b"-Infinity", b"nan", b'"NaN"', b'"Infinity"']
TEXTS = [
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\u0000"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b'"\xc0\x80"',
    b'"\x00"',
    b'"\n"',
]

FORMS: list[bytes] = [
    b'{"session_id":%b,"id":%b,"name":%b,"logs":%b,"api_key":%b,"text":%b,"sql":%b,"tags":[%b]}',
    b'{"session":{"session_id":"3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01","init_timestamp":%b,"tags":%b,"host_env":%b}}',
    (
        b'{"events":[{"event_type":"llms","id":"a","session_id":"3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01","prompt":%b,'
        b'"prompt_tokens":%b,"cost":%b,"init_timestamp":%b}]}'
    ),
    (
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"01010101010101010101010101010101","spanId":'
        b'"0202020202020202","name":%b,"startTimeUnixNano":%b,"attributes":[{"key":"k","value":{"intValue":%b}},'
        b'{"key":"d","value":{"doubleValue":%b}}]}]}]}]}'
    ),
    b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":%b,"body":{"stringValue":%b}}]}]}]}',
    (
        b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":%b,"gauge":{"dataPoints":[{"timeUnixNano":"1",'
        b'"asDouble":%b},{"timeUnixNano":"2","asInt":%b}]}}]}]}]}'
    ),
    b'{"value":%b,"name":"n","retention_days":%b,"rows":%b}',
]
"""Requests with gaps, which are filled with what is odd."""

DEEP = [
    opening * 10_000 + closing * ends for opening, closing in ((b"[", b"]"), (b'{"a":', b"1}")) for ends in (0, 10_000)
]
BROKEN = {
    "nothing": b"",
    "NUL": b"\x00" * 100,
    "BOM": codecs.BOM_UTF8 + b"{}",
    "UTF-16": '{"events": []}'.encode("utf-16"),
    "UTF-32": '{"events": []}'.encode("utf-32"),
    "invalid UTF-8": b'{"events":"\xff\xfe"}',
    "cut short": b'{"events":[{"id":"',
    "two": b"{}{}",
    "comma": b"{,}",
    "comment": b"/* */ {}",
    "single quotes": b"{'a': 1}",
    "keys twice": b'{"events":[],"events":[{}],"session_id":"a","session_id":"b","tags":[],"tags":[]}',
    "proto": b'{"__proto__":{"a":1},"constructor":1,"events":[]}',
}


def ask(server: RunningServer, route: Route, body: bytes, **headers: str) -> httpx.Response:
    """What is answered to a body; its type is JSON unless the headers say otherwise."""
    named = {"Content-Type": JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return server.client.request(route.method, path_of(route), content=body, headers=named)


@ROUTES
def test_odd_values_are_no_fault_of_the_server(server: RunningServer, route: Route) -> None:
    """Numbers of 100,000 digits, numbers that are none, texts that are none."""
    for odd in [*NUMBERS, *WORDS, *TEXTS]:
        for form in FORMS:
            check_outcome(ask(server, route, form.replace(b"%b", odd)))
    check_alive(server)


@ROUTES
def test_broken_bodies_are_refused_or_taken(server: RunningServer, route: Route) -> None:
    """In JSON, and where another type is spoken, in that."""
    for body in BROKEN.values():
        for kind in {JSON, *route.media_types}:
            check_outcome(ask(server, route, body, Content_Type=kind))


@ROUTES
def test_deep_json_is_refused_or_passed_over(server: RunningServer, route: Route) -> None:
    """10,000 levels, closed or not; and inside what is otherwise a request."""
    deep = b"[" * 10_000 + b"]" * 10_000
    for body in [*DEEP, *(form.replace(b"%b", deep) for form in FORMS)]:
        check_outcome(ask(server, route, body))


@ROUTES
def test_a_body_is_what_its_type_says(server: RunningServer, route: Route) -> None:
    """Another type, or none at all, is no fault of the server, and never read as a form."""
    for kind in (
        "",
        "text/html",
        "application/xml",
        "application/json; charset=utf-16",
        "*/*",
        ";",
        "a" * 2000,
        FRAMES,
    ):
        check_outcome(ask(server, route, b"{}", Content_Type=kind))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = ask(server, route, b"a=1", Content_Type=kind)
        assert answer.status_code == 415
        check_refusal(answer)


@ROUTES
def test_a_body_is_packed_as_its_header_says(server: RunningServer, route: Route) -> None:
    """What is not, or only half of it, or by an encoding that nobody knows, is refused."""
    whole = {coding: packed(coding, json.dumps({"events": []}).encode() * 50) for coding in CODINGS}
    for coding in CODINGS:
        others = [data for name, data in whole.items() if name != coding]
        for body in (b"{}", whole[coding][:-5], *others, b"\x00" * 50):
            answer = ask(server, route, body, Content_Encoding=coding)
            assert answer.status_code < 500
            check_outcome(answer)
    for coding in ("br", "compress", "gzip, deflate", "GZIP;q=1", "a" * 1000, "identity, identity"):
        answer = ask(server, route, b"{}", Content_Encoding=coding)
        assert answer.status_code == 415
        check_refusal(answer)


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_deep_protobuf_is_refused_or_cut(server: RunningServer, path: str) -> None:
    """Values in values in values, closed at every depth that readers take and beyond it."""
    value = b""
    for depth in range(1, 120):
        value = bytes([0x0A, 0x80 | len(value) & 0x7F, len(value) >> 7]) + value
        if depth % 7 == 0:
            answer = server.client.post(path, content=value, headers={"Content-Type": PROTOBUF})
            assert answer.status_code in {200, 400}
            check_outcome(answer)


def test_every_route_answers_an_empty_body(server: RunningServer) -> None:
    """Whichever it is, also those that want none."""
    for route in routes_with():
        if "live" not in route.path:
            check_outcome(server.client.request(route.method, path_of(route), **body_for(route)))
