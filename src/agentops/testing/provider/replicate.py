"""Replicate's API: a prediction is made with POST, and its output streamed from an address that it names.

https://replicate.com/docs/reference/http, https://replicate.com/docs/topics/predictions/streaming
"""

from collections.abc import Iterator
from typing import Any

from agentops.domain.genai import Json
from agentops.testing.provider.exchange import Event, Exchange, Face, known, server_sent


def _answer(exchange: Exchange) -> Json:
    """A prediction: still to be made where it is to be streamed or not waited for, else done."""
    request, turn = exchange.request, exchange.turn
    is_done = not request.stream and "prefer" in request.headers
    failed = turn.finish_reason == "error"
    end: dict[str, Any] = {
        "status": "failed" if failed else "succeeded",
        "output": None if failed else exchange.pieces(turn.text),
        "error": turn.text if failed else None,
        "metrics": {"predict_time": 0.5, **_counts(exchange)},
        "completed_at": "2026-01-01T00:00:01Z",
    }
    *_, owner, name, _predictions = ("", "", *request.path.split("/"))
    return {
        "id": exchange.identifier("prediction-"),
        "model": f"{owner}/{name}",
        "version": request.get("version") or "hidden",
        "input": request.get("input"),
        "logs": "",
        "status": "starting",
        "output": None,
        "error": None,
        "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:00Z",
        **(end if is_done else {}),
        "urls": {"get": "", "cancel": "", "stream": f"http://{request.headers['host']}{_path(exchange)}"},
    }


def _events(exchange: Exchange) -> Iterator[Event]:
    for number, piece in enumerate(exchange.pieces(exchange.turn.text)):
        yield Event(f"event: output\nid: {number}:0\ndata: {piece}\n\n".encode(), content=True)
    yield Event(server_sent({}, event="done"))


def _counts(exchange: Exchange) -> dict[str, int]:
    usage = exchange.turn.usage
    if usage is None:
        return {}
    return known(input_token_count=usage.input_total, output_token_count=usage.output_total)


def _path(exchange: Exchange) -> str:
    return f"/v1/streams/{exchange.request.number}"


def _refusal(status: int, message: str | None) -> Json:
    return {"title": "Refused", "detail": message or "Invalid input", "status": status}


def _interruption(_status: int, message: str | None) -> bytes:
    return f"event: error\ndata: {message or 'The model stopped.'}\n\n".encode()


FACE = Face({"/predictions": (_answer, _events)}, _refusal, _interruption, apart=_path)
