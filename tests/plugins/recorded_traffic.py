"""Traffic of real providers, recorded by other projects, and what an observer should have captured of it.

The recordings lie beside this checkout, in `shared/cassettes`.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import vcr
import vcr.serialize
import yaml
from vcr.record_mode import RecordMode

from agentops.domain.genai import Media, Reasoning, Refusal, Request, Response, ToolCall, Usage
from agentops.domain.spans import ErrorInfo, SpanRecord

RECORDINGS = Path(__file__).parents[3] / "shared" / "cassettes"
AT_HAND = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the models of the recordings have grown old
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of other projects are not at hand"),
]
"""Marks of tests that need them."""


QUICKEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""What PyYAML has in C, or where it was built without that, in Python."""


class Loader(QUICKEST):
    """Reads what vcrpy wrote, of which one recorder left names of headers as objects of its HTTP library."""


def name_of_header(loader: Any, _tag: str, node: Any) -> str:
    """The name in such an object."""
    return loader.construct_sequence(node)[0]


cast("Any", Loader).add_multi_constructor("tag:yaml.org,2002:python/object/apply:multidict", name_of_header)


@dataclass(frozen=True)
class Recording:
    """One exchange, and what an observer should capture of it."""

    file: str
    index: int
    client: str
    endpoint: str
    truth: dict[str, Any]

    @property
    def exchange(self) -> dict[str, Any]:
        """Request and response, bodies as text."""
        found = deepcopy(exchanges(self.file)[self.index])
        for side in (found["request"], found["response"]):
            if "parsed_body" in side:
                body = json.dumps(side.pop("parsed_body"))
                side["body"] = body if side is found["request"] else {"string": body}
        if isinstance(found["response"].get("body", {}).get("string"), str):  # unpacked, whatever the headers say
            found["response"]["headers"].pop("Content-Encoding", None)
        found["response"].setdefault("status", {"code": 200, "message": "OK"})
        return found

    @property
    def body(self) -> dict[str, Any]:
        """What was asked."""
        return json.loads(self.exchange["request"]["body"] or "{}")


@cache
def exchanges(file: str) -> list[dict[str, Any]]:
    """The exchanges of one recording."""
    with (RECORDINGS / file).open(encoding="utf-8") as opened:
        return yaml.load(opened, Loader)["interactions"]


def recordings(*clients: str) -> Iterator[Any]:
    """Every recording of some clients."""
    if RECORDINGS.is_dir():
        for found in json.loads((RECORDINGS / "truth.json").read_text(encoding="utf-8")):
            if found["client"] in clients:
                yield pytest.param(Recording(**found), id=f"{Path(found['file']).stem}-{found['index']}")


def told(span: SpanRecord, billed: Callable[[Usage], dict[str, int | None]]) -> dict[str, Any]:
    """A span in the words of the truth about a recording; `billed` says tokens as the provider counts them."""
    request, response = span.request or Request(operation="", provider=""), span.response or Response()
    parts = [part for message in response.messages for part in message.parts]
    return {
        "stream": request.stream,
        "request_model": request.model,
        "response_model": response.model,
        "response_id": response.id,
        "text": "".join(message.text for message in response.messages),
        "reasoning": "".join(part.content or "" for part in parts if isinstance(part, Reasoning)),
        "refusal": "".join(part.content for part in parts if isinstance(part, Refusal)) or None,
        "tool_calls": [
            {"id": part.id, "name": part.name, "arguments": part.arguments}
            for part in parts
            if isinstance(part, ToolCall)
        ],
        "finish_reasons": response.finish_reasons,
        "usage": response.usage and billed(response.usage),
        "embeddings": response.output and {"count": response.output["count"], "dim": response.output["dimensions"]},
        "images": len([part for part in parts if isinstance(part, Media) and part.modality == "image"]) or None,
        "error": span.error and error_told(span.error),
        "tools": [tool.name for tool in request.tools],
    }


def error_told(error: ErrorInfo) -> dict[str, Any]:
    """What the truth says of an error."""
    return {"status": error.status_code, "code": error.code, "message": error.message}


def same_method(asked: Any, recorded: Any) -> None:
    """The method is the recorded one; some clients write it small."""
    assert asked.method.upper() == recorded.method.upper()


def same_path(asked: Any, recorded: Any) -> None:
    """The path is the recorded one; the oldest recordings have a slash too many."""
    assert asked.path == recorded.path.replace("//", "/")


class Kept:
    """What a player of recordings takes for a file with one exchange in it: writing and reading one takes longer."""

    def __init__(self, exchange: dict[str, Any]) -> None:
        self._exchange = exchange

    def load_cassette(self, _path: Any, **_serializer: Any) -> Any:
        """The request and the answer."""
        serialize: Any = vcr.serialize
        return serialize.deserialize("", self)

    def deserialize(self, _text: str) -> dict[str, Any]:
        """What would be in the file."""
        return {"version": 1, "interactions": [self._exchange]}


class Replay:
    """Answers from one exchange of a recording, and from nowhere else.

    Attributes:
        sent: the body of the request that was made.
    """

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def __call__(self, recording: Recording) -> Any:
        """Answer from this one, as a context manager."""
        player: Any = vcr.VCR(record_mode=RecordMode.NONE, before_record_request=self._keep)
        player.register_persister(Kept(recording.exchange))
        player.register_matcher("same method", same_method)
        player.register_matcher("same path", same_path)
        return player.use_cassette("exchange", match_on=["same method", "scheme", "host", "same path"])

    def _keep(self, request: Any) -> Any:
        self.sent = json.loads(request.body or "{}")
        return request
