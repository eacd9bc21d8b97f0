"""Token counts of any dialect, put into disjoint buckets.

Whether `input` counts cached tokens in, and `output` reasoning ones, is a matter of who wrote the span. The GenAI
conventions say that both do (https://github.com/open-telemetry/semantic-conventions-genai, `gen_ai.usage.*`), and
OpenInference says the same (https://arize-ai.github.io/openinference/spec/attributes/semantic-conventions.html). Those
known to differ stand in `EXCEPTIONS`.
"""

from typing import Final

from msgspec import Struct

from agentops.domain.dialects.attributes import Attributes, first_count
from agentops.domain.genai import Usage


class Semantics(Struct, frozen=True):
    """What the totals of a writer count in."""

    input_includes_cache: bool = True
    output_includes_reasoning: bool = True


INCLUSIVE: Final = Semantics()

EXCEPTIONS: Final = {
    # Bedrock's `inputTokens`, which leaves cached tokens out, is handed on (strands-agents, `telemetry/tracer.py`)
    "strands.telemetry.tracer": Semantics(input_includes_cache=False),
    # Gemini's `candidates_token_count`, which leaves thoughts out, is handed on (google-adk, `telemetry/tracing.py`)
    "gcp.vertex.agent": Semantics(output_includes_reasoning=False),
    # AgentOps 0.4 hands on the counts of Anthropic, which leave cached tokens out
    "anthropic": Semantics(input_includes_cache=False),
}
"""By instrumentation scope. Inclusive, checked and therefore not here: `com.anthropic.sdk.python` (the client of
anthropic from 2.0 adds both cache counts to its input), OpenLLMetry's anthropic, OpenInference's anthropic."""


class Names(Struct, frozen=True):
    """Under which names a dialect keeps its token counts; the first that is there is taken."""

    input: tuple[str, ...]
    output: tuple[str, ...]
    cache_read: tuple[str, ...] = ()
    cache_write: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()


def usage_of(attributes: Attributes, names: Names, scope: str) -> Usage | None:
    """The tokens that a span tells of; None where it tells of none."""
    total_in, total_out = first_count(attributes, names.input), first_count(attributes, names.output)
    cache_read = first_count(attributes, names.cache_read)
    cache_write = first_count(attributes, names.cache_write)
    reasoning = first_count(attributes, names.reasoning)
    if (total_in, total_out, cache_read, cache_write, reasoning) == (None,) * 5:
        return None
    semantics = EXCEPTIONS.get(scope, INCLUSIVE)
    cached = (cache_read or 0) + (cache_write or 0)
    # more in a part than in the whole: whatever the scope says, this whole leaves the part out
    parted_in = not semantics.input_includes_cache or (total_in is not None and cached > total_in)
    parted_out = not semantics.output_includes_reasoning or (total_out is not None and (reasoning or 0) > total_out)
    return Usage(
        input=total_in if parted_in or total_in is None else total_in - cached,
        cache_read=cache_read,
        cache_write=cache_write,
        output=total_out if parted_out or total_out is None else total_out - (reasoning or 0),
        reasoning=reasoning,
    )
