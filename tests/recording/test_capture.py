"""What is recorded of a value: bounded, valid JSON, and none of the value's own code runs."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import functools
import json
import math
import pathlib
import sys
import threading
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pydantic
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentops.domain.genai import Message, Request, Text
from agentops.recording.capture import SIZE_LIMIT, encode, encode_bounded, encode_call, encode_plain, encode_whole

ran: list[str] = []
"""What ran that must not."""


class Meta(type):
    """A class whose class answers for everything."""

    def __getattribute__(cls, name: str) -> Any:
        ran.append(f"class.{name}")
        raise SystemExit(name)

    def __instancecheck__(cls, instance: object) -> bool:
        ran.append("instancecheck")
        raise SystemExit

    def __eq__(cls, other: object) -> bool:
        ran.append("eq")
        raise SystemExit

    def __hash__(cls) -> int:
        ran.append("hash")
        raise SystemExit


def forbidden(name: str) -> Callable[..., Any]:
    """A method that must not run."""

    def method(*args: object, **kwargs: object) -> Any:
        ran.append(name)
        raise SystemExit(name)

    return method


ALL = (
    "__getattr__", "__getattribute__", "__repr__", "__str__", "__format__", "__len__", "__iter__", "__bool__",
    "__hash__", "__eq__", "__int__", "__index__", "__float__", "__bytes__", "__getitem__", "__contains__", "items",
    "keys", "values", "model_dump", "to_dict", "dict", "json", "encode", "isoformat", "bit_length", "__fspath__",
    "__reduce__", "__reduce_ex__", "__sizeof__", "__next__", "__call__", "__await__", "__enter__",
)  # fmt: skip
TRAPS: dict[str, Any] = {name: forbidden(name) for name in ALL}
SUBCLASSABLE: dict[type, tuple[Any, ...]] = {
    str: ("text",), int: (5,), float: (1.5,), bytes: (b"raw",), list: ([1],), tuple: ((1,),), dict: ({"a": 1},),
    set: ({1},), frozenset: ({1},), decimal.Decimal: ("1.5",), bytearray: (b"raw",),
    collections.OrderedDict: ({"a": 1},), dt.date: (2020, 1, 2), object: (),
}  # fmt: skip
MUTABLE = (list, dict, set, bytearray, collections.OrderedDict)


def trapped(base: Any, *, meta: type = type) -> Any:
    """An instance of a class derived from another, with every trap."""
    space = {name: trap for name, trap in TRAPS.items() if name != "__hash__" or base not in (set, frozenset)}
    kind = meta("Trapped", (base,), space)
    arguments = SUBCLASSABLE[base]
    made = make(base, kind, *arguments)
    if base in MUTABLE:
        fill(base, made, *arguments)
    return made


def make(base: Any, kind: Any, *arguments: Any) -> Any:
    """An instance without the class being asked."""
    return base.__new__(kind, *(() if base in MUTABLE else arguments))


def fill(base: Any, made: Any, *arguments: Any) -> None:
    """Its content without the instance being asked."""
    base.__init__(made, *arguments)


@dataclasses.dataclass
class Evil:
    """A dataclass that answers for itself."""

    known: int = 1
    __getattribute__ = TRAPS["__getattribute__"]


class Dictless:
    """A class that puts something else in the place of its instances' dictionary."""

    @property
    def __dict__(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleVariableOverride] - that is the trap
        ran.append("__dict__")
        raise SystemExit

    @property
    def __class__(self) -> type:  # pyright: ignore[reportIncompatibleMethodOverride] - that is the trap
        ran.append("__class__")
        raise SystemExit


@pytest.fixture(autouse=True)
def nothing_runs() -> None:
    """Nothing has run yet."""
    ran.clear()


@pytest.mark.parametrize("base", list(SUBCLASSABLE), ids=lambda base: base.__name__)
@pytest.mark.parametrize("meta", [type, Meta], ids=["class", "metaclass"])
def test_no_code_of_a_value_runs(base: type, meta: type) -> None:
    """Whatever it overrides; where it derives from a built-in type, that is what is recorded."""
    value = trapped(base, meta=meta)
    for around in ([value], (value, object()), {"k": [value]}, {"k": value, "other": object()}):
        json.loads(encode_bounded(around))
        json.loads(encode_bounded(value))
    assert ran == []


MAKERS: dict[str, Callable[[], Any]] = {
    "dictless": Dictless,
    **{
        base.__name__: functools.partial(trapped, base)
        for base in SUBCLASSABLE
        if base not in (set, frozenset)  # the encoder iterates over them, as over dates with zones
    },
}


@pytest.mark.parametrize("name", MAKERS)
def test_no_code_of_a_value_runs_where_all_of_it_may_be_plain(name: str) -> None:
    """The encoder goes first."""
    value = MAKERS[name]()
    json.loads(encode(value))
    json.loads(encode_call((value,), {"value": value}))
    json.loads(encode_whole({"content": [value]}))
    assert ran == []


def test_a_dataclass_that_answers_for_itself_is_read_past_itself() -> None:
    """Where it is walked."""
    assert json.loads(encode_bounded([Evil(), object()])) == [{"known": 1}, {"$type": "builtins.object"}]
    assert ran == []


def test_a_list_that_others_change_meanwhile_does_not_end_the_process() -> None:
    """A thread appends and clears all the time, and could whenever Python code runs inside the encoder."""
    assert encode_plain.__self__.enc_hook is None
    items: list[Any] = []
    done = threading.Event()

    class Plain:
        """Nothing that the encoder knows."""

    def change() -> None:
        while not done.is_set():
            items.extend(Plain() for _ in range(50))
            items.extend(str(number) for number in range(200))
            if len(items) > 3_000:
                items.clear()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(50):
            json.loads(encode(items))
            json.loads(encode({"items": items}))
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(interval)


class Colour(enum.Enum):
    """An enumeration."""

    RED = "red"


class Level(enum.IntEnum):
    """One of numbers."""

    HIGH = 3


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: str


@dataclasses.dataclass(slots=True)
class Slotted:
    """A dataclass without a dictionary."""

    one: int
    two: str = "2"
    missing: Any = dataclasses.field(init=False)


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int
    y: "Point | None" = None


class Model(pydantic.BaseModel):
    """A pydantic model."""

    name: str
    inner: Any = None

    @pydantic.model_serializer
    def serialise(self) -> dict[str, Any]:
        """Not to be called."""
        return TRAPS["model_dump"]()


class Node(msgspec.Struct, tag="node"):
    """A struct."""

    value: Any


MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
KNOWN: list[tuple[Any, Any]] = [
    (Colour.RED, "red"),
    (Level.HIGH, 3),
    (Pair(1, "b"), [1, "b"]),
    (Slotted(1), {"one": 1, "two": "2"}),
    (Point(1, Point(2)), {"x": 1, "y": {"x": 2, "y": None}}),
    (Model(name="m", inner=[1]), {"name": "m", "inner": [1]}),
    (Node({"a": 1}), {"type": "node", "value": {"a": 1}}),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (collections.defaultdict(list, a=[1]), {"a": [1]}),
    (collections.deque([1]), {"$type": "collections.deque"}),
    (pathlib.PurePosixPath("/a/b"), "/a/b"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (decimal.Decimal("1.50"), "1.50"),
    (MOMENT, "2026-01-02T03:04:05Z"),
    (MOMENT.astimezone(zoneinfo.ZoneInfo("UTC")), "2026-01-02T03:04:05Z"),
    (MOMENT.date(), "2026-01-02"),
    (dt.timedelta(seconds=5), "PT5S"),
    (b"ab", "YWI="),
    (math.nan, None),
    (math.inf, None),
    ({1}, [1]),
    ({None: 1, 2: 2, True: 3}, {"None": 1, "2": 2, "True": 3}),
    ({(1, 2): 3}, {"?": 3}),
    (10**5_000, {"$type": "int", "$bits": 16_610}),
    ("lone \ud800 surrogate", "lone ? surrogate"),
    (object, {"$type": "builtins.type"}),
    (len, {"$type": "builtins.builtin_function_or_method"}),
    (None, None),
]


@pytest.mark.parametrize(("value", "shown"), KNOWN, ids=lambda each: type(each).__name__)
def test_known_kinds_are_shown_beside_anything(value: Any, shown: Any) -> None:
    """An object that is not plain does not change how its neighbours look."""
    assert json.loads(encode([value, object()])) == [shown, {"$type": "builtins.object"}]
    assert ran == []


class Zone(dt.tzinfo):
    """A time zone of the program's making."""

    utcoffset = TRAPS["__call__"]
    tzname = TRAPS["__call__"]


def test_a_moment_in_a_zone_of_the_programs_making_is_not_asked() -> None:
    """Where it is walked."""
    value = dt.datetime(2026, 1, 1, tzinfo=Zone())
    assert json.loads(encode_bounded([value, object()]))[0] == {"$type": "datetime.datetime"}
    assert ran == []


def test_what_is_cut_says_how_much() -> None:
    """Texts, collections, depth, bytes."""
    assert json.loads(encode("x" * 100_000)) == "x" * 8_192 + "… [91808 characters cut]"
    assert json.loads(encode([object(), b"x" * 9_000]))[1] == {"$type": "bytes", "$cut": 9_000}
    numbers = json.loads(encode(list(range(100_000))))
    assert numbers[-1] == {"$cut": 100_000 - len(numbers) + 1}
    mapping = json.loads(encode({str(number): number for number in range(100_000)}))
    assert mapping["$cut"] == 100_000 - len(mapping) + 1
    deep: Any = [1, 2, 3]
    for _ in range(20):
        deep = {"in": deep}
    assert b'{"$cut":1}' in encode([deep, object()])


def test_cycles_and_depths_end() -> None:
    """Also those that the interpreter would not survive."""
    cycle: list[Any] = []
    cycle.append(cycle)
    assert json.loads(encode(cycle)) == [[[[[[[[{"$cut": 1}]]]]]]]]
    mapping: dict[str, Any] = {}
    mapping["self"] = [mapping]
    json.loads(encode(mapping))
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    json.loads(encode(deep))
    while deep:
        deep = deep.pop()


def test_contents_of_model_calls_are_kept_whole() -> None:
    """Also where something in them is not plain: the rest still reads as what it is."""
    text = "word " * 100_000
    request = Request(
        operation="chat",
        provider="p",
        model="m",
        messages=[Message(role="user", parts=[Text(content=text), Text(content="\ud800")])],
    )
    again = msgspec.json.decode(encode_whole(request), type=Request)
    assert again.messages[0].parts[0] == Text(content=text)
    assert again.messages[0].parts[1] == Text(content="?")


def long_text(size: int) -> str:
    """Text that takes more bytes than it has characters."""
    return "\x01é😀" * size


def repeated(item: Any, count: int) -> list[Any]:
    """A list of many."""
    return [item] * count


scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.builds(lambda: 10**5_000),
    st.floats(),
    st.text(st.characters(codec=None)),
    st.builds(long_text, st.integers(0, 40_000)),
    st.binary(),
    st.datetimes(),
    st.uuids(),
    st.decimals(),
    st.builds(object),
    st.just(Colour.RED),
    st.just(Evil),
)
keys = st.text(st.characters(codec=None)) | st.integers() | st.none() | st.tuples(st.integers()) | st.floats()
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner)
        | st.builds(Slotted, inner)
        | st.builds(Point, inner)
        | st.builds(Node, inner)
        | st.builds(repeated, scalars, st.integers(0, 5_000))
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(value=values)
@example(value=["\x01" * 60_000] * 3)
@example(value={"\x01" * 60_000: 1, "😀" * 60_000: object()})
@example(value=[[{}] * 5_000, object()])
def test_every_value_becomes_bounded_json(value: Any) -> None:
    """Valid UTF-8, valid JSON without NaN, no larger than the bound, whatever goes in."""
    for data in (encode(value), encode_bounded(value)):
        assert len(data) <= SIZE_LIMIT
        json.loads(data.decode("utf-8", "strict"), parse_constant=pytest.fail)
    both = encode_call((value,), {"value": value})
    assert len(both) <= 2 * SIZE_LIMIT + 3
    json.loads(both)
    json.loads(encode_whole(value))
    assert ran == []
