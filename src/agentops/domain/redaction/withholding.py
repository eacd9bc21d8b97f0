"""What is left of calls where their content is not recorded, or only what it is made of."""

import re
from enum import StrEnum
from typing import Any, Final

from msgspec.structs import replace

from agentops.domain.genai import Request, Response
from agentops.domain.redaction.masking import mask
from agentops.domain.spans import SpanEvent, SpanRecord


class Content(StrEnum):
    """How much is recorded of what goes into calls and comes out of them."""

    FULL = "full"
    REDACTED = "redacted"
    """What it is made of: who spoke, which tools, lengths and types."""
    NONE = "none"


_SAID: Final = re.compile(
    r"(?:^|[._])(?:inputs?|outputs?|prompts?|completions?|contents?|messages?|arguments|args|kwargs|params|result|results|returns"
    r"|query|documents?|text|texts|body|(?:system_)?instructions?|value|logs|screenshot|reasoning|spec|definitions)$"
    r"|^gen_ai\.(?:prompt|completion|input\.messages|output\.messages|tool\.definitions)"
    r"|^llm\.(?:prompts?|completions?|input_messages|output_messages)|^traceloop\.entity\.",
    re.IGNORECASE,
)
"""Names of attributes under which OpenTelemetry, OpenInference, OpenLLMetry and AgentOps write content."""


def outline_of_request(request: Request) -> Request:
    """A request without its content."""
    return Request(
        operation=request.operation,
        provider=request.provider,
        model=request.model,
        stream=request.stream,
        server_address=request.server_address,
    )


def outline_of_response(response: Response) -> Response:
    """A response without its content."""
    return Response(
        id=response.id,
        model=response.model,
        finish_reasons=response.finish_reasons,
        usage=response.usage,
        request_id=response.request_id,
        service_tier=response.service_tier,
        cost=response.cost,
    )


def withheld(record: SpanRecord) -> SpanRecord:
    """A record of which no content is kept."""
    return replace(
        record,
        input=None,
        output=None,
        request=None if record.request is None else outline_of_request(record.request),
        response=None if record.response is None else outline_of_response(record.response),
        attributes={name: value for name, value in record.attributes.items() if _SAID.search(name) is None},
        events=[
            SpanEvent(
                name=event.name,
                time=event.time,
                attributes={name: value for name, value in event.attributes.items() if _is_kept(event.name, name)},
            )
            for event in record.events
        ],
    )


def _is_kept(event: str, name: str) -> bool:
    return event == "exception" or _SAID.search(name) is None


def mask_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as JSON, of which those that carry content are masked."""
    return {name: value if _SAID.search(name) is None else mask(value) for name, value in attributes.items()}
