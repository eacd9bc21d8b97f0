"""Reading other people's objects: total, by type, and a plain snapshot of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar

import msgspec
import pytest
from anthropic import NOT_GIVEN, omit
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict

from agentops.domain.foreign import at, count, entry, flag, number, objects, plain, text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
JSON = st.recursive(
    SCALARS,
    lambda children: st.lists(children) | st.dictionaries(st.text() | st.integers(), children) | st.tuples(children),
    max_leaves=20,
)
PATHS = st.lists(st.text() | st.integers(-3, 3), max_size=4)

COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    "x_vendor": {"queue_time": 0.25},
}


class Colour(StrEnum):
    """An enum whose members are strings."""

    RED = "red"


class Level(Enum):
    """An enum of numbers."""

    HIGH = 3


class Hostile:
    """Everything that can be asked of it raises."""

    kind: ClassVar = "hostile"

    @property
    def broken(self) -> str:
        """Raise."""
        raise ValueError("no")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("never called")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("never called")

    __hash__ = object.__hash__


@given(JSON, PATHS)
def test_readers_never_raise_on_any_json(value: Any, path: list[str | int]) -> None:
    """Whatever the value and the path, every reader answers with its own type or its empty value."""
    assert text(value, *path) is None or isinstance(text(value, *path), str)
    assert count(value, *path) is None or (type(count(value, *path)) is int and (count(value, *path) or 0) >= 0)
    assert number(value, *path) is None or isinstance(number(value, *path), (int, float))
    assert isinstance(objects(value, *path), list)
    assert flag(value, *path) in (True, False)


@given(JSON)
def test_a_plain_value_is_always_json(value: Any) -> None:
    """What `plain` gives can be written and comes back the same, and is its own snapshot."""
    snapshot = plain(value)
    assert msgspec.json.decode(msgspec.json.encode(snapshot)) == snapshot
    assert plain(snapshot) == snapshot


@pytest.mark.parametrize("completion", [COMPLETION, ChatCompletion.model_validate(COMPLETION)], ids=["dict", "model"])
def test_a_model_reads_like_the_dict_it_came_from(completion: Any) -> None:
    """Attributes, extra fields and list positions read alike in a model and in JSON."""
    assert text(completion, "choices", 0, "message", "content") == "hello"
    assert text(completion, "choices", -1, "finish_reason") == "stop"
    assert count(completion, "usage", "prompt_tokens") == 3
    assert number(completion, "x_vendor", "queue_time") == 0.25
    assert [text(choice, "message", "role") for choice in objects(completion, "choices")] == ["assistant"]
    assert at(completion, "usage", "prompt_tokens_details", "cached_tokens") is None
    assert at(completion, "choices", 7, "message") is None
    assert at(completion, "no", "such", "path") is None


@pytest.mark.parametrize("sentinel", [NOT_GIVEN, omit, ..., msgspec.UNSET], ids=lambda each: type(each).__name__)
def test_a_sentinel_reads_as_absent(sentinel: object) -> None:
    """What a library puts for "not given" is no text, no number, no list, and vanishes from a snapshot."""
    body = {"model": sentinel, "stream": sentinel}
    assert (text(body, "model"), count(body, "model"), objects(body, "model"), flag(body, "stream")) == (
        None,
        None,
        [],
        False,
    )
    assert plain({"model": sentinel, "n": 1}) == {"n": 1}
    assert plain(sentinel) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (7, 7), (7.0, 7), (-1, None), (7.5, None), (True, None), ("7", None), (2**64, None), (float("inf"), None)],
)
def test_a_count_is_a_whole_number_from_zero(value: object, expected: int | None) -> None:
    """Integers and integral floats count; booleans, fractions, negatives and text do not."""
    assert count({"n": value}, "n") == expected


def test_numbers_are_finite_and_no_booleans() -> None:
    """NaN, infinity and True are no numbers."""
    assert [number(value) for value in (1, 2.5, float("nan"), float("inf"), True, "1")] == [
        1,
        2.5,
        None,
        None,
        None,
        None,
    ]


def test_subclasses_read_as_the_exact_type() -> None:
    """An enum member that is a string reads as the bare string."""
    found = text({"role": Colour.RED}, "role")
    assert (found, type(found)) == ("red", str)


def test_a_hostile_object_is_read_without_harm() -> None:
    """An object whose attributes raise reads as absent, its class attributes still read."""
    hostile = Hostile()
    assert at(hostile, "broken") is None
    assert at(hostile, "anything") is None
    assert text(hostile, "kind") == "hostile"
    assert plain([hostile]) == [{"$type": f"{__name__}.Hostile"}]


def test_an_entry_is_no_attribute() -> None:
    """What a mapping holds is read and nothing else; what is no mapping holds nothing."""
    assert entry({"keys": 1}, "keys") == 1
    assert entry(MappingProxyType({}), "keys") is None
    others: list[Any] = [None, [], "text", Hostile(), SimpleNamespace(keys=1)]
    assert [entry(other, "keys") for other in others] == [None] * 5


def test_slots_and_namespaces_are_read() -> None:
    """Objects without a dict and objects that are nothing else read alike."""

    class Slotted:
        __slots__ = ("name",)

    slotted = Slotted()
    assert at(slotted, "name") is None
    slotted.name = "a"
    assert text(slotted, "name") == "a"
    assert text(SimpleNamespace(headers={"request-id": "r"}), "headers", "request-id") == "r"


def test_lists_are_given_as_they_are() -> None:
    """A list is not copied, a tuple becomes a list."""
    items = [1]
    assert objects({"items": items}, "items") is items
    assert objects({"items": (1, 2)}, "items") == [1, 2]


@dataclass
class Point:
    """A dataclass."""

    x: int
    tags: list[str] = field(default_factory=list[str])


class Shape(msgspec.Struct):
    """A struct with a field that may be unset."""

    name: str
    extent: Any = msgspec.UNSET


class Model(BaseModel):
    """A model that keeps extra fields."""

    model_config = ConfigDict(extra="allow")
    city: str


def test_models_become_dicts_and_the_rest_is_named() -> None:
    """Dataclasses, structs and pydantic models are taken apart; times and decimals become text; others are named."""
    value = {
        "point": Point(1, ["a"]),
        "shape": Shape("s"),
        "model": Model.model_validate({"city": "Graz", "zip": 8010}),
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "price": Decimal("1.50"),
        "path": PurePosixPath("a/b"),
        "level": Level.HIGH,
        "set": {1},
        "bytes": b"123",
        "class": Model,
        "nan": float("nan"),
        "big": 2**70,
        1: "one",
        "lone": "\ud800",
    }
    assert plain(value) == {
        "point": {"x": 1, "tags": ["a"]},
        "shape": {"name": "s"},
        "model": {"city": "Graz", "zip": 8010},
        "when": "2026-01-02T00:00:00+00:00",
        "price": "1.50",
        "path": "a/b",
        "level": 3,
        "set": [1],
        "bytes": {"$type": "bytes", "$cut": 3},
        "class": {"$type": f"{__name__}.Model"},
        "nan": None,
        "big": {"$type": "int", "$bits": 71},
        "1": "one",
        "lone": "?",
    }


def test_a_snapshot_is_bounded() -> None:
    """Cycles end, and what was left out is counted."""
    cycle: list[Any] = []
    cycle.append(cycle)
    found = plain(cycle)
    for _ in range(24):
        found = found[0]
    assert found == [{"$cut": 1}]
    assert plain(list(range(60_000)))[-1] == {"$cut": 10_001}
