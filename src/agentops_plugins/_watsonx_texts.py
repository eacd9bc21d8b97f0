"""Texts that go on, and vectors, as watsonx.ai writes them: https://cloud.ibm.com/apidocs/watsonx-ai."""

from typing import Any

from agentops.domain.foreign import count, objects, text
from agentops.domain.genai import Message, Response, Text, Usage
from agentops_plugins._content import counted, extent


def read_texts(answer: Any) -> Response:
    """What goes on; of a stream its pieces, of which the last one counts the tokens."""
    results = objects(answer, "results")
    reasons = [reason for found in results if (reason := text(found, "stop_reason"))]
    said = "".join(text(found, "generated_text") or "" for found in results)
    tokens = [count(results, -1, key) for key in ("input_token_count", "generated_token_count")]
    return Response(
        model=text(answer, "model_id"),
        messages=[Message("assistant", [Text(said)], finish_reason=reasons[-1] if reasons else None)],
        finish_reasons=reasons[-1:],
        usage=counted(Usage(input=tokens[0], output=tokens[1])),
    )


def fold_texts(so_far: Any, chunk: Any) -> dict[str, Any]:
    """The pieces so far, bare or with what else is told of them."""
    whole: dict[str, Any] = {"results": []} if so_far is None else so_far
    if isinstance(chunk, str):
        whole["results"].append({"generated_text": chunk})
    else:
        whole["model_id"] = text(chunk, "model_id")
        whole["results"].extend(objects(chunk, "results"))
    return whole


def has_text(chunk: Any) -> bool:
    """Whether a piece brings some text."""
    return bool(text(chunk) or text(chunk, "results", 0, "generated_text"))


def read_vectors(answer: Any) -> Response:
    """How many vectors of what length."""
    results, tokens = objects(answer, "results"), count(answer, "input_token_count")
    return Response(
        model=text(answer, "model_id"),
        usage=counted(Usage(input=tokens)),
        output=extent(results, "embedding"),
    )
