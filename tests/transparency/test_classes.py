"""Decorated classes: the very class, in every way a class can be made and used."""

import abc
import copy
import dataclasses
import enum
import gc
import inspect
import typing
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast, runtime_checkable
from unittest import mock

import msgspec
import pydantic
import pytest

T = TypeVar("T")


class Decorate(Protocol):
    """A use of a decorator, which changes no type."""

    def __call__(self, decorated: T, /) -> T:
        """Decorate."""
        ...


class Researcher:
    """An agent as people write it."""

    made: ClassVar[int] = 0

    def __init__(self, topic: str, *, depth: int = 1) -> None:
        self.topic = topic
        self.depth = depth
        self._notes: list[str] = []

    def research(self, question: str) -> str:
        """Find out."""
        self._notes.append(question)
        return f"{self.topic}: {self.refine(question)}"

    def refine(self, question: str) -> str:
        """Ask better."""
        return question.strip()

    def steps(self, count: int) -> Iterator[int]:
        """Do it in steps."""
        yield from range(count)

    async def ask(self, question: str) -> str:
        """Ask somebody."""
        return question

    async def stream(self, count: int) -> AsyncIterator[int]:
        """Answer in pieces."""
        for number in range(count):
            yield number

    @classmethod
    def of(cls, topic: str) -> Self:
        """Make one."""
        return cls(topic)

    @staticmethod
    def unit() -> str:
        """A word."""
        return "questions"

    @property
    def notes(self) -> list[str]:
        """What was asked."""
        return self._notes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Researcher) and other.topic == self.topic

    def __hash__(self) -> int:
        return hash(self.topic)

    def __call__(self, question: str) -> str:
        """Ask directly."""
        return self.research(question)

    def __len__(self) -> int:
        return len(self._notes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._notes.append("left")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._notes.append("left later")


undecorated: Any = Researcher


def fresh(cls: type) -> Any:
    """A class of the same body, undecorated."""
    body = {name: value for name, value in vars(cls).items() if name not in {"__dict__", "__weakref__"}}
    return type(cls)(cls.__name__, cls.__bases__, body)


def test_the_class_is_the_very_class(decorate: Decorate) -> None:
    """No other class comes into being: same object, bases, order and attributes."""
    plain = fresh(Researcher)
    names, bases, order = list(plain.__dict__), plain.__bases__, plain.__mro__
    observed = decorate(plain)
    assert observed is plain
    assert (list(observed.__dict__), observed.__bases__, observed.__mro__) == (names, bases, order)
    assert observed.__subclasses__() == []
    assert inspect.signature(observed) == inspect.signature(Researcher)
    assert inspect.getdoc(observed) == "An agent as people write it."


async def test_its_instances_work_as_before(decorate: Decorate) -> None:
    """Construction, methods of every kind, special methods, and nothing extra on the instance."""
    cls = decorate(fresh(Researcher))
    one = cls("bees", depth=2)
    assert type(one) is one.__class__ is cls
    assert vars(one) == {"topic": "bees", "depth": 2, "_notes": []}
    assert one.research(" why? ") == "bees: why?"
    assert one("how?") == "bees: how?"
    assert list(one.steps(3)) == [0, 1, 2]
    assert await one.ask("x") == "x"
    assert [number async for number in one.stream(2)] == [0, 1]
    assert type(cls.of("ants")) is cls
    assert (cls.unit(), one.unit(), one.notes, len(one)) == ("questions", "questions", [" why? ", "how?"], 2)
    with one as entered:
        assert entered is one
    async with one as entered:
        assert entered is one
    assert one.notes[2:] == ["left", "left later"]
    assert set(one.__dict__) == {"topic", "depth", "_notes"}


def test_construction_fails_as_before(decorate: Decorate) -> None:
    """Python's own TypeError, the program's own exception, and no instance left alive."""
    cls = decorate(fresh(Researcher))
    with pytest.raises(TypeError) as ours:
        cls()
    with pytest.raises(TypeError) as plain:
        undecorated()
    assert str(ours.value) == str(plain.value)
    error = ValueError()

    @decorate
    class Failing:
        """Something that cannot be made."""

        def __init__(self) -> None:
            raise error

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it is compared by identity
        Failing()
    assert caught.value is error


def test_subclasses_and_super_work(decorate: Decorate) -> None:
    """Above and below decorated classes, with both forms of `super` and several bases."""

    @decorate
    class Base:
        """The first."""

        def __init__(self, log: list[str]) -> None:
            self.log = log
            log.append("base")

        def work(self) -> str:
            """Say who."""
            return "base"

    class Middle(Base):
        """Undecorated between decorated ones."""

        def __init__(self, log: list[str]) -> None:
            super(Middle, self).__init__(log)  # noqa: UP008 - the long form is the point
            log.append("middle")

        def work(self) -> str:
            """Say who."""
            return "middle " + super().work()

    class Other(Base):
        """A second branch."""

        def work(self) -> str:
            """Say who."""
            return "other " + super().work()

    @decorate
    class Bottom(Middle, Other):
        """The last."""

        def __init__(self, log: list[str]) -> None:
            super().__init__(log)
            log.append("bottom")

        def work(self) -> str:
            """Say who."""
            return "bottom " + super().work()

    log: list[str] = []
    bottom = Bottom(log)
    assert log == ["base", "middle", "bottom"]
    assert bottom.work() == "bottom middle other base"
    assert isinstance(bottom, Base)
    assert issubclass(Bottom, Middle)
    assert Bottom.__mro__ == (Bottom, Middle, Other, Base, object)


def test_subclass_hooks_run_once(decorate: Decorate) -> None:
    """`__init_subclass__`, `__set_name__` and metaclasses see each class once."""
    seen: list[str] = []

    class Named:
        """A descriptor."""

        def __set_name__(self, owner: type, name: str) -> None:
            seen.append(f"named {owner.__name__}.{name}")

    class Meta(type):
        """A metaclass that registers."""

        def __init__(cls, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args)
            seen.append(f"made {cls.__name__}")

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            seen.append(f"called {cls.__name__}")
            return super().__call__(*args, **kwargs)

    @decorate
    class Base(metaclass=Meta):
        """A base that registers."""

        slot = Named()

        def __init_subclass__(cls, **kwargs: Any) -> None:
            seen.append(f"subclass {cls.__name__} {kwargs}")
            super().__init_subclass__()

    @decorate
    class Below(Base, option=1):
        """A subclass."""

    Below()
    assert seen == ["named Base.slot", "made Base", "subclass Below {'option': 1}", "made Below", "called Below"]


@pytest.mark.parametrize(
    "options", [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}, {"order": True}]
)
def test_dataclasses_over_and_under(decorate: Decorate, options: dict[str, bool]) -> None:
    """Fields, equality, order, `replace`, hashing, slots and freezing."""

    def body() -> Any:
        class Point:
            """Where."""

            x: int
            y: list[int] = dataclasses.field(default_factory=list[int])

            def sum(self) -> int:
                """All of it."""
                return self.x + sum(self.y)

        return Point

    for make in (
        lambda: decorate(dataclasses.dataclass(**options)(body())),
        lambda: dataclasses.dataclass(**options)(decorate(body())),
    ):
        point_type = make()
        plain = dataclasses.dataclass(**options)(body())
        point = point_type(1, [2])
        assert point == point_type(1, [2])
        assert point.sum() == 3
        assert dataclasses.asdict(point) == {"x": 1, "y": [2]}
        assert dataclasses.replace(point, x=5).x == 5
        assert inspect.signature(point_type) == inspect.signature(plain)
        assert [field.name for field in dataclasses.fields(point_type)] == ["x", "y"]
        assert repr(point).endswith("Point(x=1, y=[2])")
        if options.get("frozen"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                point.x = 2
        if options.get("slots"):
            assert not hasattr(point, "__dict__")
            with pytest.raises((AttributeError, TypeError)):
                point.more = 2
        if options.get("order"):
            assert point_type(1) < point_type(2)


def test_slots_stay_slots(decorate: Decorate) -> None:
    """No `__dict__` appears, also without `__weakref__`."""

    @decorate
    class Tight:
        """Two slots."""

        __slots__ = ("left", "right")

        def __init__(self, left: int) -> None:
            self.left = left

        def work(self) -> int:
            """Give it back."""
            return self.left

    tight: Any = Tight(1)
    assert tight.work() == 1
    assert not hasattr(tight, "__dict__")
    with pytest.raises(AttributeError):
        tight.other = 1
    with pytest.raises(TypeError):
        weakref.ref(tight)


def test_abstract_classes_stay_abstract(decorate: Decorate) -> None:
    """They cannot be made, their children can; virtual subclasses count."""

    @decorate
    class Worker(abc.ABC):
        """Something that works."""

        @abc.abstractmethod
        def work(self) -> int:
            """Do it."""

        @property
        @abc.abstractmethod
        def name(self) -> str:
            """Who."""

    @decorate
    class Real(Worker):
        """Something that really works."""

        name: Any = "real"

        def work(self) -> int:
            """Do it."""
            return 1

    assert Worker.__abstractmethods__ == {"work", "name"}
    with pytest.raises(TypeError, match="abstract"):
        cast("Any", Worker)()
    assert Real().work() == 1
    Worker.register(int)
    assert isinstance(3, Worker)


def test_generic_and_protocol_classes_keep_their_parameters(decorate: Decorate) -> None:
    """Subscription, origin, arguments, and structural checks."""

    @decorate
    class Box(Generic[T]):
        """A box of something."""

        def __init__(self, value: T) -> None:
            self.value = value

        def open(self) -> T:
            """What is in it."""
            return self.value

    @decorate
    @runtime_checkable
    class Openable(Protocol):
        """Something that opens."""

        def open(self) -> Any:
            """What is in it."""

    assert Box[int](3).open() == 3
    assert typing.get_origin(Box[int]) is Box
    assert typing.get_args(Box[int]) == (int,)
    assert isinstance(Box(1), Openable)
    assert not isinstance(1, Openable)
    with pytest.raises(TypeError, match="Protocol"):
        cast("Any", Openable)()


def test_enumerations_keep_their_members(decorate: Decorate) -> None:
    """Identity, lookup, iteration, and their methods."""

    @decorate
    class Colour(enum.Enum):
        """A colour."""

        RED = 1
        GREEN = 2

        def shout(self) -> str:
            """Louder."""
            return self.name + "!"

    assert Colour(1) is Colour.RED is Colour["RED"]
    assert [member.name for member in Colour] == ["RED", "GREEN"]
    assert Colour.RED.shout() == "RED!"
    assert copy.deepcopy(Colour.RED) is Colour.RED


def test_named_tuples_and_typed_dicts_work(decorate: Decorate) -> None:
    """Classes that construct in other ways."""

    @decorate
    class Pair(typing.NamedTuple):
        """Two of them."""

        left: int
        right: int = 2

        def sum(self) -> int:
            """Both."""
            return self.left + self.right

    @decorate
    class Options(typing.TypedDict):
        """Some settings."""

        a: int

    pair = Pair(1)
    assert (pair, pair.sum(), pair._fields, pair._replace(left=5)) == ((1, 2), 3, ("left", "right"), (5, 2))
    assert Options(a=1) == {"a": 1}


def test_models_of_pydantic_and_msgspec_work(decorate: Decorate) -> None:
    """Validation, schemas and serialisation see the model, not us."""

    @decorate
    class Model(pydantic.BaseModel):
        """A model."""

        value: int = 1

        def double(self) -> int:
            """Twice."""
            return self.value * 2

    @decorate
    class Struct(msgspec.Struct):
        """A struct."""

        value: int = 1

        def double(self) -> int:
            """Twice."""
            return self.value * 2

    model, struct = Model.model_validate({"value": "3"}), Struct(3)
    assert (model.double(), struct.double()) == (6, 6)
    assert Model.model_json_schema()["properties"] == {"value": {"default": 1, "title": "Value", "type": "integer"}}
    assert model.model_dump() == {"value": 3}
    assert msgspec.json.decode(msgspec.json.encode(struct), type=Struct) == struct
    assert model.model_copy() == model
    with pytest.raises(pydantic.ValidationError):
        cast("Any", Model)(value="x")


def test_singletons_and_factories_construct_as_they_will(decorate: Decorate) -> None:
    """A `__new__` that gives the same or another object."""

    @decorate
    class Single:
        """Only one."""

        one: ClassVar[Any] = None

        def __new__(cls) -> Self:
            if cls.one is None:
                cls.one = super().__new__(cls)
            return cls.one

    @decorate
    class Factory:
        """Something that makes something else."""

        def __new__(cls) -> Any:
            return "made"

    assert Single() is Single()
    assert Factory() == "made"


def test_instances_are_copied_compared_and_freed_as_before(decorate: Decorate) -> None:
    """By value, by the class's own `__eq__`, and at once."""
    cls = decorate(fresh(Researcher))
    one = cls("bees")
    one.research("why?")
    copied = copy.deepcopy(one)
    assert copied is not one
    assert vars(copied) == vars(one)
    assert copy.copy(one)._notes is one._notes  # noqa: SLF001 - what a shallow copy shares
    gc.disable()
    try:
        watched = weakref.ref(one)
        del one
        assert watched() is None
    finally:
        gc.enable()


def test_no_code_of_the_instance_runs(decorate: Decorate) -> None:
    """Neither `__repr__` nor `__eq__`, `__hash__`, `__getattr__`, `__bool__` or `__len__`, around a method call."""

    def never(self: Any, *_: Any) -> Any:
        raise SystemExit("code of the program's object ran")

    @decorate
    class Shy:
        """An object that answers nothing but one call."""

        __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = __getattr__ = never
        __reduce_ex__ = __getstate__ = __dir__ = __format__ = never

        def work(self, other: Any) -> Any:
            """Give it back."""
            return other

    shy = Shy()
    assert shy.work(shy) is shy


def test_a_mock_of_the_class_has_its_methods(decorate: Decorate) -> None:
    """`create_autospec` and `patch.object`, and back."""
    cls = decorate(fresh(Researcher))
    spec = mock.create_autospec(cls)
    assert isinstance(spec("bees"), cls)
    with pytest.raises(TypeError):
        spec("bees").research()
    before = cls.__dict__["research"]
    with mock.patch.object(cls, "research", return_value="mocked"):
        assert cls("bees").research("?") == "mocked"
    assert cls.__dict__["research"] is before


def test_methods_of_instances_may_be_replaced(decorate: Decorate) -> None:
    """Programs that patch themselves."""
    cls = decorate(fresh(Researcher))
    one = cls("bees")
    one.refine = mock.Mock(return_value="refined")
    assert one.research("x") == "bees: refined"
    cls.unit = staticmethod(lambda: "other")
    assert one.unit() == "other"


def test_undecorated_parents_are_left_alone(decorate: Decorate) -> None:
    """Only the class itself is decorated."""

    class Parent:
        """A parent."""

        def work(self) -> int:
            """Give one."""
            return 1

    before = dict(vars(Parent))

    @decorate
    class Child(Parent):
        """A child."""

    assert Child().work() == 1
    assert dict(vars(Parent)) == before
    assert "work" not in vars(Child)


def test_properties_and_class_attributes_are_untouched(decorate: Decorate) -> None:
    """The same objects stand in the class: nested classes, descriptors, values, private methods."""
    plain = fresh(Researcher)
    held: dict[str, Any] = plain.__dict__
    kept = {name: value for name, value in held.items() if not inspect.isfunction(value)}
    observed = decorate(plain)
    assert {name: observed.__dict__[name] is value for name, value in kept.items()} == dict.fromkeys(kept, True)


def test_an_agent_classs_work_is_recorded(recorded: Callable[[], list[Any]]) -> None:
    """Its public methods, called from outside, once each."""
    from agentops import decorators  # noqa: PLC0415 - only here by name

    cls = decorators.agent(fresh(Researcher))
    cls("bees").research("why?")
    ended = [(record.name, str(record.kind), record.output) for record in recorded() if record.end]
    assert ended == [("Researcher", "agent", "bees: why?")]
