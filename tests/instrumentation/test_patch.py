"""Patching: what is bound when, what the program notices of it, and what is left after undo."""

import asyncio
import copy
import importlib
import inspect
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import wrapt

from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.imports import is_findable, when_imported
from agentops.instrumentation.patch import Installed, Patch, State, TargetReport, install, install_bridge, replace
from agentops.instrumentation.target import Bridge, Emitter, Instrumentation, Reader, Target

READER = Reader(
    read_request=lambda _: ToolRequest(name="tool"), read_response=lambda result: ToolResponse(result=result)
)

LIBRARY = '''
"""A library to be observed."""
from functools import lru_cache

class Base:
    def inherited(self, value): return ("inherited", value)

class Client(Base):
    constant = 3
    def send(self, value: int, *, times: int = 1) -> list[int]:
        """Send it."""
        return [value] * times
    async def send_async(self, value): return value
    @classmethod
    def make(cls, value): return (cls.__name__, value)
    @staticmethod
    def still(value): return value
    @property
    def name(self): return "client"
    def fail(self): raise ValueError("no")
    class Inner:
        def deep(self): return "deep"

class Special(Client):
    def send(self, value): return super().send(value, times=2)

def function(value): return value
alias = Client
'''


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package `observed_library` with a submodule `client`, importable and not imported."""
    package = tmp_path / "observed_library"
    package.mkdir()
    (package / "__init__.py").write_text("loaded = True\n")
    (package / "client.py").write_text(LIBRARY)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    yield "observed_library"
    for name in [name for name in sys.modules if name.startswith("observed_library")]:
        del sys.modules[name]


def instrumentation(*paths: str) -> Instrumentation:
    """An instrumentation of the library with targets at these paths of its module `client`."""
    targets = [Target(path=f"observed_library.client:{path}", reader=READER) for path in paths]
    return Instrumentation(library="observed_library", targets=targets)


class Seen(list[str]):
    """The paths of the targets whose calls were seen, in order."""

    def wrap(self, target: Target) -> Callable[..., Any]:
        """The wrapper of a target, which notes the call and makes it."""
        name = target.path.partition(":")[2]

        def note(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            self.append(name)
            return wrapped(*args, **kwargs)

        return note


def client_module() -> Any:
    """The library's submodule, imported."""
    return importlib.import_module("observed_library.client")


def kept(owner: Any) -> dict[str, Any]:
    """What a module or class holds now."""
    return dict(owner.__dict__)


def identities(owner: Any) -> dict[str, int]:
    """Which object stands under each name of a module or class; a wrapper is equal to what it wraps, not the same."""
    return {name: id(value) for name, value in kept(owner).items()}


def states(installed: Installed) -> dict[str, State]:
    """How each target stands, by its path in the module."""
    return {report.path.partition(":")[2]: report.state for report in installed.describe().targets}


def test_a_library_is_bound_when_the_program_imports_it(library: str) -> None:
    """Nothing is imported by installing; the first call after the program's own import is seen."""
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    assert library not in sys.modules
    assert states(installed) == {"Client.send": State.WAITING}
    assert client_module().Client().send(1, times=2) == [1, 1]
    assert seen == ["Client.send"]
    assert states(installed) == {"Client.send": State.BOUND}
    installed.undo()


def test_the_module_of_the_target_is_waited_for_not_the_package(library: str) -> None:
    """A package that loads its submodules lazily is bound when the submodule comes."""
    installed = install(instrumentation("Client.send"), Seen().wrap)
    importlib.import_module(library)
    assert states(installed) == {"Client.send": State.WAITING}
    client_module()
    assert states(installed) == {"Client.send": State.BOUND}
    installed.undo()


def test_a_library_imported_before_is_bound_at_once(library: str) -> None:
    """`init()` after the import works as before it, also for instances that exist already."""
    client = client_module().Client()
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    client.send(1)
    assert seen == ["Client.send"]
    installed.undo()


@pytest.mark.parametrize(
    "path", ["Client.send", "Client.make", "Client.still", "Client.inherited", "Client.Inner.deep", "function"]
)
def test_undo_restores_what_was_there(library: str, path: str) -> None:
    """After undo every namespace of the module holds the very objects it held before."""
    module = client_module()
    spaces: list[Any] = [module, module.Base, module.Client, module.Client.Inner, module.Special]
    before = [identities(space) for space in spaces]
    installed = install(instrumentation(path), Seen().wrap)
    assert [identities(space) for space in spaces] != before
    installed.undo()
    assert [identities(space) for space in spaces] == before


def test_methods_of_every_kind_answer_as_before(library: str) -> None:
    """Class, static, inherited and overriding methods bind and answer as without us."""
    paths = ("Client.send", "Client.make", "Client.still", "Client.inherited", "Client.Inner.deep", "function")
    seen = Seen()
    installed = install(instrumentation(*paths), seen.wrap)
    module = client_module()
    assert module.Client.make(1) == ("Client", 1)
    assert module.Special().make(1) == ("Special", 1)
    assert module.Client.still(2) == module.Client().still(2) == 2
    assert module.Client().inherited(3) == ("inherited", 3)
    assert module.Base().inherited(3) == ("inherited", 3)
    assert module.Special().send(4) == [4, 4]
    assert module.Client.Inner().deep() == "deep"
    assert module.function(5) == 5
    assert seen == [
        "Client.make", "Client.make", "Client.still", "Client.still", "Client.inherited", "Client.send",
        "Client.Inner.deep", "function",
    ]  # fmt: skip
    installed.undo()


def test_a_missing_target_is_reported_and_the_others_are_bound(library: str) -> None:
    """A path that a version of the library lacks costs only that target; the report says why."""
    told: list[TargetReport] = []
    paths = ("Client.gone", "Nobody.send", "Client.constant", "Client.name", "Client.constant.real", "Client.send")
    installed = install(instrumentation(*paths), Seen().wrap, told.append)
    client_module()
    reasons = {report.path.partition(":")[2]: (report.state, report.reason) for report in told}
    assert reasons == {
        "Client.gone": (State.MISSED, "Client does not define gone"),
        "Nobody.send": (State.MISSED, "observed_library.client does not define Nobody"),
        "Client.constant": (State.MISSED, "constant is not callable"),
        "Client.name": (State.MISSED, "name is not callable"),
        "Client.constant.real": (State.MISSED, "constant is neither a class nor a module"),
        "Client.send": (State.BOUND, ""),
    }
    assert list(installed.describe().targets) == told
    installed.undo()


def test_a_class_that_cannot_be_written_to_is_reported() -> None:
    """Types made in C refuse; that is a missed target, not an error."""
    targets = [Target(path="builtins:dict.get", reader=READER)]
    installed = install(Instrumentation(library="builtins", targets=targets), Seen().wrap)
    (report,) = installed.describe().targets
    assert report.state is State.MISSED
    assert "immutable" in report.reason
    installed.undo()


def test_a_module_that_the_installed_version_lacks_is_missed_not_waited_for(library: str) -> None:
    """`agentops plugins` can tell a module not imported yet from one that does not exist, without importing."""
    targets = [Target(path="observed_library.old:Client.send", reader=READER)]
    installed = install(Instrumentation(library=library, targets=targets), Seen().wrap)
    assert installed.describe().targets == (
        TargetReport("observed_library.old:Client.send", State.MISSED, "there is no module observed_library.old"),
    )
    assert library not in sys.modules
    installed.undo()


def test_the_report_names_version_and_distribution() -> None:
    """The version is looked up in the metadata, not by importing."""
    source = Instrumentation(library="dirty_equals", distribution="dirty-equals", versions=">=0.1", targets=())
    report = install(source, Seen().wrap).describe()
    assert (report.library, report.distribution, report.versions) == ("dirty_equals", "dirty-equals", ">=0.1")
    assert report.version is not None
    assert install(Instrumentation(library="no_such_library", targets=()), Seen().wrap).describe().version is None


def test_nothing_is_observed_twice(library: str) -> None:
    """A class known under two names, or observed by two plugins, is patched once."""
    seen = Seen()
    installed = install(instrumentation("Client.send", "alias.send"), seen.wrap)
    second = install(instrumentation("Client.send"), seen.wrap)
    client_module().Client().send(1)
    assert seen == ["Client.send"]
    assert installed.describe().targets[1].reason == "observed already under another name"
    assert second.describe().targets[0].reason == "observed already under another name"
    second.undo()
    installed.undo()


def test_two_names_of_one_module_are_patched_once(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when `httpx2.alias_httpx()` makes two module names one module."""
    seen = Seen()
    first = install(instrumentation("Client.send"), seen.wrap)
    module = client_module()
    monkeypatch.setitem(sys.modules, "observed_alias", module)
    targets = [Target(path="observed_alias:Client.send", reader=READER)]
    second = install(Instrumentation(library="observed_alias", targets=targets), seen.wrap)
    module.Client().send(1)
    assert seen == ["Client.send"]
    second.undo()
    module.Client().send(1)
    assert seen == ["Client.send"] * 2
    first.undo()


def test_init_again_after_undo_observes_again(library: str) -> None:
    """Install, undo and install leave one wrapper, and none in the end."""
    original = kept(client_module().Client)["send"]
    for _ in range(3):
        seen = Seen()
        installed = install(instrumentation("Client.send"), seen.wrap)
        client_module().Client().send(1)
        assert seen == ["Client.send"]
        installed.undo()
    assert kept(client_module().Client)["send"] is original


def test_after_undo_an_import_is_left_alone(library: str) -> None:
    """A hook that was taken back before the library came does nothing, and our finder is gone."""
    before = list(sys.meta_path)
    installed = install(instrumentation("Client.send"), Seen().wrap)
    installed.undo()
    assert sys.meta_path == before
    assert inspect.isfunction(kept(client_module().Client)["send"])
    assert states(installed) == {"Client.send": State.WAITING}


def test_a_method_that_the_program_kept_goes_quiet_with_undo(library: str) -> None:
    """A bound method taken while observed calls straight through afterwards."""
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    send = client_module().Client().send
    installed.undo()
    assert send(1) == [1]
    assert seen == []


def by_wrapt(seen: list[str]) -> Callable[[Any], Any]:
    """Another vendor's instrumentation, with wrapt."""

    def note(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        seen.append("vendor")
        return wrapped(*args, **kwargs)

    return lambda original: wrapt.FunctionWrapper(original, note)


def by_function(seen: list[str]) -> Callable[[Any], Any]:
    """Another vendor's instrumentation, with a function that says what it wraps."""

    def make(original: Any) -> Any:
        @wraps(original)
        def note(*args: Any, **kwargs: Any) -> Any:
            seen.append("vendor")
            return original(*args, **kwargs)

        return note

    return make


def by_closure(seen: list[str]) -> Callable[[Any], Any]:
    """Another vendor's instrumentation, with a function that hides what it wraps."""

    def make(original: Any) -> Any:
        def note(*args: Any, **kwargs: Any) -> Any:
            seen.append("vendor")
            return original(*args, **kwargs)

        return note

    return make


@pytest.mark.parametrize("vendor", [by_wrapt, by_function, by_closure])
def test_another_instrumentation_over_ours_keeps_working(library: str, vendor: Any) -> None:
    """Ours goes quiet underneath, is not lost to the vendor's own undo, and comes back without doubling."""
    client = client_module().Client
    original = kept(client)["send"]
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    other: Patch = replace(client, "send", vendor(seen))
    again = install(instrumentation("Client.send"), seen.wrap)
    assert client().send(1) == [1]
    assert seen == ["vendor", "Client.send"]
    again.undo()
    installed.undo()
    seen.clear()
    assert client().send(1) == [1]
    assert seen == ["vendor"]
    fresh = install(instrumentation("Client.send"), seen.wrap)
    seen.clear()
    assert client().send(1) == [1]
    assert seen == ["Client.send", "vendor"]
    fresh.undo()
    other.undo()
    seen.clear()
    assert client().send(1) == [1]
    assert seen == []
    assert inspect.unwrap(kept(client)["send"]) is original


@pytest.mark.parametrize("vendor", [by_wrapt, by_function, by_closure])
def test_another_instrumentation_under_ours_keeps_working(library: str, vendor: Any) -> None:
    """Undo gives the attribute back to the vendor's wrapper, the same object."""
    client = client_module().Client
    seen = Seen()
    replace(client, "send", vendor(seen))
    theirs = kept(client)["send"]
    installed = install(instrumentation("Client.send"), seen.wrap)
    assert client().send(1) == [1]
    assert seen == ["Client.send", "vendor"]
    installed.undo()
    assert kept(client)["send"] is theirs


def test_an_observed_callable_is_inspected_as_the_original(library: str) -> None:
    """Signature, names, annotations and kind are those of the library's function."""
    client = client_module().Client
    plain = client.send
    before = (
        inspect.signature(plain),
        plain.__name__,
        plain.__qualname__,
        plain.__doc__,
        inspect.get_annotations(plain),
    )
    installed = install(instrumentation("Client.send", "Client.send_async", "function"), Seen().wrap)
    after = client.send
    assert before == (
        inspect.signature(after), after.__name__, after.__qualname__, after.__doc__, inspect.get_annotations(after),
    )  # fmt: skip
    assert inspect.isfunction(after)
    assert inspect.ismethod(client().send)
    assert list(inspect.signature(client().send).parameters) == ["value", "times"]
    assert inspect.iscoroutinefunction(client.send_async)
    assert inspect.iscoroutinefunction(client().send_async)
    assert not inspect.iscoroutinefunction(after)
    assert inspect.getsource(after) == inspect.getsource(plain)
    assert asyncio.run(client().send_async(7)) == 7
    installed.undo()


def test_observed_callables_are_pickled_by_reference(library: str) -> None:
    """What was pickled while observed is found again with or without us, and no line of ours is in the pickle."""
    module = client_module()
    originals = [module.function, module.Client.send, module.Client.make, module.Client.still]
    installed = install(instrumentation("Client.send", "Client.make", "Client.still", "function"), Seen().wrap)
    observed = [module.function, module.Client.send, module.Client.make, module.Client.still]
    data = [pickle.dumps(each) for each in observed]
    bound = pickle.dumps(module.Client().send)
    assert pickle.loads(data[0]) is module.function
    installed.undo()
    assert [pickle.loads(each) for each in data] == originals
    assert pickle.loads(bound)(1, times=2) == [1, 1]
    assert not any(b"agentops" in each for each in [*data, bound])


def test_observed_callables_are_copied_as_functions_are(library: str) -> None:
    """A copy of a function is the function; a deep copy of a bound method belongs to a copy of its object."""
    installed = install(instrumentation("Client.send", "function"), Seen().wrap)
    module = client_module()
    client = module.Client()
    assert copy.copy(module.function) is module.function
    assert copy.deepcopy([module.function]) == [module.function]
    assert copy.deepcopy(module.Client.send)(client, 1) == [1]
    assert copy.copy(client.send)(1) == [1]
    copied = copy.deepcopy({"send": client.send})["send"]
    assert copied.__self__ is not client
    assert copied(2) == [2]
    installed.undo()


def test_exceptions_come_out_as_they_were_raised(library: str) -> None:
    """The wrapper itself adds no frame; the user sees the library's own."""
    installed = install(instrumentation("Client.fail"), Seen().wrap)
    with pytest.raises(ValueError, match="no") as caught:
        client_module().Client().fail()
    assert [entry.name for entry in caught.traceback][-1] == "fail"
    installed.undo()


def test_a_reloaded_module_is_bound_again(library: str) -> None:
    """The classes of a reloaded module are new ones, and are observed too."""
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    module = importlib.reload(client_module())
    module.Client().send(1)
    assert seen == ["Client.send"]
    installed.undo()
    assert inspect.isfunction(kept(module.Client)["send"])


def test_importing_in_many_threads_binds_once(library: str) -> None:
    """Threads that race for the first import all find the library observed, once."""
    seen = Seen()
    installed = install(instrumentation("Client.send"), seen.wrap)
    barrier = threading.Barrier(8)

    def use() -> None:
        barrier.wait()
        client_module().Client().send(1)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["Client.send"] * 8
    installed.undo()


def test_a_module_that_another_thread_is_importing_is_waited_for(library: str, tmp_path: Path) -> None:
    """`init()` in the middle of somebody's import finds the whole module."""
    started, going = threading.Event(), threading.Event()
    gate = ModuleType("observed_library_gate")
    vars(gate).update(started=started, going=going)
    sys.modules["observed_library_gate"] = gate
    source = "import observed_library_gate as gate\ngate.started.set()\nassert gate.going.wait(30)\n" + LIBRARY
    (tmp_path / library / "client.py").write_text(source)
    importer = threading.Thread(target=client_module)
    importer.start()
    assert started.wait(30)
    seen = Seen()
    timer = threading.Timer(0.05, going.set)
    timer.start()
    installed = install(instrumentation("Client.send"), seen.wrap)
    importer.join()
    timer.join()
    assert states(installed) == {"Client.send": State.BOUND}
    installed.undo()


def test_the_module_sees_its_own_loader(library: str) -> None:
    """The machinery of the watch is nowhere in a module that was watched."""
    when_imported("observed_library.client", lambda _: None)
    module = client_module()
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__.loader is module.__loader__
    assert inspect.getsource(module) == LIBRARY


def test_a_module_that_puts_another_in_its_place_is_announced_as_that(tmp_path: Path, library: str) -> None:
    """What hooks get is what the program gets from its import."""
    (tmp_path / library / "client.py").write_text(
        "import sys, types\nother = types.ModuleType(__name__)\nother.here = True\nsys.modules[__name__] = other\n"
    )
    announced: list[ModuleType] = []
    cancel = when_imported("observed_library.client", announced.append)
    assert [client_module()] == announced
    cancel()


def test_a_failing_hook_never_fails_the_import(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's import goes on, and the other hooks are called."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)
    called: list[ModuleType] = []

    def fail(module: ModuleType) -> None:
        raise RuntimeError("hook")

    cancels = [when_imported("observed_library.client", hook) for hook in (fail, called.append)]
    assert [client_module()] == called
    for cancel in cancels:
        cancel()


def test_a_failing_import_fails_as_it_does_alone(library: str, tmp_path: Path) -> None:
    """The error of a broken library passes, and a later import that works is announced."""
    (tmp_path / library / "client.py").write_text("raise ImportError('broken')\n")
    announced: list[ModuleType] = []
    cancel = when_imported("observed_library.client", announced.append)
    with pytest.raises(ImportError, match="broken"):
        client_module()
    assert announced == []
    (tmp_path / library / "client.py").write_text("fixed = 'a longer text, so that no cached bytecode fits'\n")
    importlib.invalidate_caches()
    assert [client_module()] == announced
    cancel()


def test_modules_are_found_without_importing_them(library: str) -> None:
    """What exists is known by asking the finders, package by package."""
    assert is_findable("observed_library.client")
    assert not is_findable("observed_library.gone")
    assert not is_findable("observed_library.client.gone")
    assert not is_findable("no_such_package.module")
    assert is_findable("sys")
    assert library not in sys.modules


def test_modules_of_namespace_packages_are_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have no file of their own, one inside the other, and nothing of them is imported either."""
    inner = tmp_path / "observed_namespace" / "inner" / "innermost"
    inner.mkdir(parents=True)
    (inner / "module.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert is_findable("observed_namespace.inner.innermost.module")
    assert not is_findable("observed_namespace.inner.innermost.gone")
    assert not is_findable("observed_namespace.gone.module")
    assert "observed_namespace" not in sys.modules


class Recorded:
    """An emitter that keeps what it was told."""


def test_a_bridge_is_installed_when_its_library_comes_and_taken_out(library: str) -> None:
    """The library's callbacks are registered once, by its import, and unregistered by undo."""
    told: list[str] = []

    def register(emitter: Emitter) -> Callable[[], None]:
        told.append("in")
        return lambda: told.append("out")

    emitter: Any = Recorded()
    bridge = Bridge(library=library, module="observed_library.client", install=register)
    bridged = install_bridge(bridge, emitter)
    assert bridged.describe().targets == (TargetReport("observed_library.client", State.WAITING),)
    importlib.reload(client_module())
    assert told == ["in"]
    assert bridged.describe().targets == (TargetReport("observed_library.client", State.BOUND),)
    bridged.undo()
    bridged.undo()
    assert told == ["in", "out"]


def test_a_bridge_that_fails_is_missed(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that cannot be registered is reported, and the library's import goes on."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)
    told: list[TargetReport] = []

    def register(emitter: Emitter) -> Callable[[], None]:
        raise RuntimeError("no such callback")

    emitter: Any = Recorded()
    bridged = install_bridge(Bridge(library=library, install=register), emitter, told.append)
    importlib.import_module(library)
    assert told == [TargetReport(library, State.MISSED, "RuntimeError: no such callback")]
    bridged.undo()


DECORATED = '''
"""A library whose functions are made by a decorator."""
from functools import wraps

def client(original):
    @wraps(original)
    def wrapper(*args, **kwargs): return original(*args, **kwargs)
    return wrapper

@client
def complete(prompt): return f"{prompt}!"
'''


def test_a_reference_that_was_taken_before_is_observed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a decorator keeps of a function is replaced inside its wrapper, and put back."""
    (tmp_path / "decorated.py").write_text(DECORATED, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "decorated", raising=False)
    complete = importlib.import_module("decorated").complete
    inside = complete.__closure__[0].cell_contents
    target = Target(path="decorated:complete.original", reader=READER)
    absent = Target(path="decorated:complete.other", reader=READER)
    seen: list[Any] = []

    def observed(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        seen.append(args)
        return wrapped(*args, **kwargs)

    installed = install(Instrumentation(library="decorated", targets=[target, absent]), lambda _: observed)
    again = install(Instrumentation(library="decorated", targets=[target]), lambda _: observed)
    assert [report.state for report in installed.describe().targets] == [State.BOUND, State.MISSED]
    assert complete("Hi") == "Hi!"
    assert seen == [("Hi",)]
    again.undo()
    installed.undo()
    assert complete.__closure__[0].cell_contents is inside
    assert (complete("Hi"), len(seen)) == ("Hi!", 1)
