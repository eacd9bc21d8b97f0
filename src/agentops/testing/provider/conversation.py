"""What a provider says on one connection: which endpoint answers, and how it goes wrong."""

from http import HTTPStatus

from agentops.domain.genai import Json
from agentops.testing.provider import (
    ai21,
    bedrock,
    chat,
    cohere,
    embeddings,
    gemini,
    huggingface,
    messages,
    mistral,
    ollama,
    replicate,
    responses,
    watsonx,
)
from agentops.testing.provider.connection import Connection
from agentops.testing.provider.exchange import Answer, Events, Exchange, Face
from agentops.testing.provider.ledger import Ledger
from agentops.testing.provider.refusal import error_body, error_event
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Fault, FaultKind, Script

_FACES: tuple[Face, ...] = (
    ai21.FACE,
    bedrock.FACE,
    cohere.FACE,
    gemini.FACE,
    huggingface.FACE,
    mistral.FACE,
    ollama.FACE,
    replicate.FACE,
    watsonx.FACE,
)
_ENDPOINTS: dict[str, tuple[Answer, Events | None]] = {
    "/chat/completions": (chat.answer, chat.events),
    "/responses": (responses.answer, responses.events),
    "/embeddings": (embeddings.answer, None),
    "/messages": (messages.answer, messages.events),
    "/messages/count_tokens": (messages.count, None),
}
_MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1-mini", "text-embedding-3-small", "claude-sonnet-4-5", "claude-haiku-4-5")
_STREAMED_FAULTS = {FaultKind.TRUNCATED, FaultKind.GARBLED}


class Conversation(Connection):
    """A connection whose requests are answered from a ledger."""

    ledger: Ledger

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer what is looked up."""
        request = self.ledger.receive(self.read_request)
        if request.path == "/knowledge":
            status, body = _look_up(self.ledger.script, request.query.get("q", ""))
            self.write_json(status, body, _headers(request))
        elif request.path.endswith("/models"):
            listed = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in _MODELS]
            self.write_json(200, {"object": "list", "data": listed}, _headers(request))
        elif request.path in self.ledger.kept:
            self._stream(*self.ledger.kept.pop(request.path))
        else:
            self._refuse(request, Fault.refused(404, message=f"Unknown request URL: GET {request.path}."))

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer what a model is asked."""
        request = self.ledger.receive(self.read_request)
        endpoint = _endpoint_of(request)
        if endpoint is None:
            self._refuse(request, Fault.refused(404, message=f"Unknown request URL: POST {request.path}."))
        elif not isinstance(request.body, dict):
            self._refuse(request, Fault.refused(400, message="We could not parse the JSON body of your request."))
        else:
            self._answer(self.ledger.exchange_for(request), *endpoint)

    def _answer(self, exchange: Exchange, answer: Answer, events: Events | None) -> None:
        request, fault, face = exchange.request, exchange.turn.fault, _face_of(exchange.request)
        self.pause(exchange.turn.latency)
        if fault is not None and (fault.kind is FaultKind.REFUSED or fault.after < 0):
            self._spoil(request, fault)
        elif events is not None and request.stream and face is not None and face.apart is not None:
            self.ledger.kept[face.apart(exchange)] = exchange, events
            self.write_json(200, answer(exchange), _headers(request))
        elif events is not None and request.stream:
            self._stream(exchange, events)
        elif fault is None or fault.kind in _STREAMED_FAULTS:
            self.write_json(200, answer(exchange), _headers(request), fault=fault)
        else:
            self._spoil(request, fault)

    def _stream(self, exchange: Exchange, events: Events) -> None:
        request, turn = exchange.request, exchange.turn
        error = (
            b"" if turn.fault is None else error_event(exchange, turn.fault, _request_id(request), _face_of(request))
        )
        self.write_events(events(exchange), _headers(request), delay=turn.delay, fault=turn.fault, error=error)

    def _spoil(self, request: ReceivedRequest, fault: Fault) -> None:
        """Go wrong before anything was answered."""
        match fault.kind:
            case FaultKind.STALLED:
                self.stall()
            case FaultKind.RESET:
                self.reset()
            case _:
                self._refuse(request, fault)

    def _refuse(self, request: ReceivedRequest, fault: Fault) -> None:
        face = _face_of(request)
        body = (
            error_body(
                anthropic=request.is_anthropic,
                status=fault.status,
                message=fault.message,
                request_id=_request_id(request),
            )
            if face is None
            else face.refusal(fault.status, fault.message)
        )
        after = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        self.write_json(fault.status, body, {**_headers(request), **after})


def _endpoint_of(request: ReceivedRequest) -> tuple[Answer, Events | None] | None:
    face = _face_of(request)
    endpoints = _ENDPOINTS if face is None else face.endpoints
    return next((endpoints[end] for end in endpoints if request.path.endswith(end)), None)


def _face_of(request: ReceivedRequest) -> Face | None:
    """Who speaks at this path; None is OpenAI, Anthropic or who speaks like them."""
    return next((face for face in _FACES if any(request.path.endswith(end) for end in face.endpoints)), None)


def _headers(request: ReceivedRequest) -> dict[str, str]:
    """The headers by which each provider names a request."""
    if request.is_anthropic:
        return {"request-id": _request_id(request)}
    face = _face_of(request)
    if face is not None:
        return {face.request_id: _request_id(request)}
    return {"x-request-id": _request_id(request), "openai-processing-ms": "1", "openai-version": "2020-10-01"}


def _request_id(request: ReceivedRequest) -> str:
    return f"req_loopback{request.number:06d}"


def _look_up(script: Script, query: str) -> tuple[int, Json]:
    """Pages about a query, in the form of https://www.mediawiki.org/wiki/API:REST_API/Reference#Search_pages."""
    found = [page for key, page in script.knowledge.items() if key.lower() in query.lower()]
    failed = next((page for page in found if page.status >= HTTPStatus.BAD_REQUEST), None)
    if failed is not None:
        return failed.status, {"httpCode": failed.status, "httpReason": failed.title, "message": failed.text}
    pages = [
        {"id": number, "key": page.title.replace(" ", "_"), "title": page.title, "excerpt": page.text}
        for number, page in enumerate(found, 1)
    ]
    return 200, {"pages": pages}
