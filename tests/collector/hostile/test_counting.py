"""That a body is counted before it is decoded, and never counted for less than it holds."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hostile_samples import SOAK, field
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agentops.collector.load import Load
from agentops.collector.otlp.counting import count_fields, nested_in
from agentops.collector.otlp.decoding import Signal, message_type
from agentops.collector.problems import RequestError
from agentops.collector.weights import MOST_PARTS, MOST_RECORDS, check_count, weigh_json

ALL = 1 << 40
EXAMPLES = 5000 if SOAK else 200


def messages_in(message: Any) -> int:
    """The messages inside a message."""
    count = 0
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for each in value if descriptor.is_repeated else [value]:
                count += 1 + messages_in(each)
    return count


pieces = st.recursive(
    st.binary(max_size=6),
    lambda inner: st.lists(st.tuples(st.integers(1, 16), inner), max_size=4).map(
        lambda pairs: b"".join(field(number, content) for number, content in pairs)
    ),
    max_leaves=40,
)


@settings(max_examples=EXAMPLES)
@given(signal=st.sampled_from(list(Signal)), body=pieces)
def test_a_request_is_never_counted_for_less_than_it_holds(signal: Signal, body: bytes) -> None:
    """Whatever bytes the decoder takes, as many messages as it makes of them were counted."""
    kind = message_type(signal)
    count = count_fields(body, nested_in(kind.DESCRIPTOR), ALL)
    with suppress(DecodeError):
        assert messages_in(kind.FromString(body)) <= count


def test_counting_ends_soon_after_the_limit() -> None:
    """However much comes behind it; and at numbers that do not end."""
    nested = nested_in(ExportTraceServiceRequest.DESCRIPTOR)
    body = field(1, field(2, field(2, b"") * 1000))
    assert count_fields(body, nested, ALL) == 1002
    assert 10 <= count_fields(body, nested, 10) <= 12
    assert count_fields(b"\x80" * 1_000_000, nested, ALL) == 1
    assert count_fields(b"", nested, ALL) == 0


@given(seed=st.integers())
@settings(max_examples=10)
def test_json_is_never_counted_for_less_than_it_holds(seed: int) -> None:
    """Every value but the first of an object has a comma, a bracket or a brace before it."""
    chance = random.Random(seed)

    def values(depth: int) -> Any:
        if depth == 0:
            return chance.choice(["1", "null", '"text, with {punctuation}"', "1.5", "{}", "[]"])
        return "[{}]".format(",".join(f'{{"a":{values(depth - 1)},"b":{values(depth - 1)}}}' for _ in range(12)))

    held = [values(depth) for depth in (3, 2, 1)]
    count = 12 + 12 * 2 * 12 + 12 * 2 * 12 * 2 * 12
    data = f"[{','.join(held)}]".encode() + b" " * (1 << 17)
    assert json.loads(data)
    share = load_of_one()
    weigh_json(data, share)
    assert share.size >= 100 * count


def load_of_one() -> Any:
    """The share of a request that is alone."""
    with Load(1 << 40).share() as share:
        return share


def test_what_holds_too_much_is_refused_for_good() -> None:
    """413: it would not fit later either."""
    for body in (b"[" + b"{}," * MOST_PARTS, b"[" + b"1," * (MOST_PARTS + 1)):
        with pytest.raises(RequestError) as refused:
            weigh_json(body, load_of_one())
        assert refused.value.status == 413
    check_count(MOST_RECORDS)
    with pytest.raises(RequestError) as refused:
        check_count(MOST_RECORDS + 1)
    assert refused.value.status == 413


def test_a_request_alone_finds_room_and_leaves_none_for_others() -> None:
    """Whatever it takes, also step by step; a second one is told to come again, and finds room once it has gone."""
    load = Load(1000)
    with load.share() as first:
        first.grow(800)
        first.grow(5000)
        with load.share() as second, pytest.raises(RequestError) as refused:
            second.grow(1)
        assert refused.value.status == 503
        assert second.size == 0
    assert load.bytes == 0
    with load.share() as third:
        third.grow(1000)
