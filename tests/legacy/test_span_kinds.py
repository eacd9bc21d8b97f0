"""`SpanKind` serves programs of 0.4 without recording other kinds than before."""

from enum import Enum

import pytest

import agentops
from agentops.domain.spans import SpanKind
from agentops.testing import Recording

FORMER = {
    "OPERATION": SpanKind.TASK,
    "CHAIN": SpanKind.TASK,
    "TEXT": SpanKind.TASK,
    "HTTP": SpanKind.TASK,
    "UNKNOWN": SpanKind.TASK,
    "AGENT_ACTION": SpanKind.ACTION,
    "AGENT_THINKING": SpanKind.TASK,
    "AGENT_DECISION": SpanKind.TASK,
    "LLM_CALL": SpanKind.LLM,
    "WORKFLOW_STEP": SpanKind.TASK,
}


@pytest.mark.parametrize("name", FORMER)
def test_a_former_word_stands_for_a_kind(name: str, agentops_recording: Recording) -> None:
    """It is the text that 0.4 has, no kind of its own, and recorded as the kind that it stands for."""
    word = getattr(SpanKind, name)
    assert type(word) is str
    assert word not in {kind.value for kind in SpanKind}
    assert SpanKind(word) is FORMER[name]
    with agentops.span("work", kind=word):
        pass
    assert agentops_recording.span("work").kind is FORMER[name]


def test_a_member_of_another_enum_stands_for_its_value() -> None:
    """0.4 has the same words as an enum as well."""

    class Values(Enum):
        AGENT = "agent"
        CHAIN = "chain"

    assert (SpanKind(Values.AGENT), SpanKind(Values.CHAIN)) == (SpanKind.AGENT, SpanKind.TASK)


def test_any_other_word_is_refused() -> None:
    """What neither version knows is no kind."""
    for word in ("sandwich", "", None, 3):
        with pytest.raises(ValueError, match="is not a valid SpanKind"):
            SpanKind(word)
