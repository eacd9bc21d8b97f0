"""Where work goes to other threads and processes, what is current goes along: our span and session, nothing else.

Threads, executors and pools carry it with what they run, in memory or in the pickle; programs that are started get
it in their environment, as W3C trace context and baggage. Only what the program has imported is touched.
"""

from __future__ import annotations

import os
import sys
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

from agentops.instrumentation.carried import Carried, ProcessRun, ThreadRun, as_text, captured, environment, starting
from agentops.instrumentation.imports import when_imported
from agentops.instrumentation.patch import Patch, replace
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    Live = list[bool]
    """Empty once undone: what stays in place under somebody else's wrapper then only calls through."""
    Method = Callable[..., Any]

_INITIALIZER: Final = 2
_ENVIRONMENT: Final = 10
"""Where `initializer` of ThreadPoolExecutor and `env` of Popen stand when passed by position, not counting self."""

_ENV: Final = "/usr/bin/env"

_INTERPRETERS: Final = "concurrent.futures.interpreter"
"""Executors of this module run in interpreters of their own, where extension modules like ours may not load."""


def install_propagation() -> Callable[[], None]:
    """Let what is current flow into threads, executors, pools and processes from now on.

    Returns:
        The function that restores everything.
    """
    live = [True]
    patches: list[Patch] = []

    def put(owner: str, methods: dict[str, Callable[[Method, Live], Method]], module: ModuleType) -> None:
        for name, make in methods.items():
            with guarded(f"letting the current span flow through {module.__name__}.{name}"):
                place = getattr(module, owner) if owner else module
                if live and not getattr(place.__dict__.get(name), "carries", None):
                    patches.append(replace(place, name, partial(_marked, make, live)))

    cancels = [when_imported(module, partial(put, owner, methods)) for module, owner, methods in PLACES]

    def undo() -> None:
        live.clear()
        for cancel in cancels:
            cancel()
        while patches:
            patches.pop().undo()

    return undo


def _marked(make: Callable[[Method, Live], Method], live: Live, original: Method) -> Method:
    method = wraps(original)(make(original, live))
    vars(method)["carries"] = live
    return method


def _start_thread(original: Method, live: Live) -> Method:
    def start(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        carried = None if not live or starting.workers else captured()
        if not carried:
            return original(self, *args, **kwargs)
        run = ThreadRun(self, carried)
        try:
            return original(self, *args, **kwargs)
        except BaseException:
            run.restore()
            raise

    return start


def _start_process(original: Method, live: Live) -> Method:
    def start(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        text = as_text(captured()) if live else None
        if not text:
            return original(self, *args, **kwargs)
        run = ProcessRun(self, text)
        try:
            return original(self, *args, **kwargs)
        finally:
            run.restore()

    return start


def _start_workers(original: Method, live: Live) -> Method:
    def construct(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return _neutrally(original, self, *args, **kwargs) if live else original(self, *args, **kwargs)

    return construct


def _initialize(original: Method, live: Live) -> Method:
    def construct(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        carried = captured() if live and not _is_interpreters(self) else None
        if carried:
            args, kwargs = _changed(args, kwargs, "initializer", _INITIALIZER, partial(_carried, carried))
        return original(self, *args, **kwargs)

    return construct


def _hand_over(original: Method, live: Live) -> Method:
    """For methods whose first argument is what a worker is to call."""

    def hand_over(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        carried = captured() if live and not _is_interpreters(self) else None
        if carried:
            args, kwargs = _changed(args, kwargs, "func", 0, partial(_carried, carried))
            return _neutrally(original, self, *args, **kwargs)
        return original(self, *args, **kwargs)

    return hand_over


def _start_program(original: Method, live: Live) -> Method:
    def construct(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if live:
            with guarded("handing the current span to a program"):
                if len(args) <= _ENVIRONMENT:
                    kwargs = {"env": None, **kwargs}
                args, kwargs = _changed(args, kwargs, "env", _ENVIRONMENT, environment)
        return original(self, *args, **kwargs)

    return construct


def _spawn(original: Method, live: Live) -> Method:
    """For the way in which multiprocessing starts an interpreter: with the environment of this process, always.

    What the child imports before it gets its work may record already, so `env` gives it the parent: nothing in this
    process changes, and the interpreter takes its place. macOS strips `DYLD_*` there, so it goes without.
    """

    def spawn(path: Any, args: Any, passfds: Any) -> Any:
        with guarded("handing the current span to a spawned process"):
            carried = environment(None) if live and sys.platform != "darwin" and os.access(_ENV, os.X_OK) else None
            if carried is not None:
                variables = [f"{name}={carried[name]}" for name in ("TRACEPARENT", "BAGGAGE")]
                args = [os.fsencode(word) for word in (_ENV, *variables, path, *args[1:])]
                path = os.fsencode(_ENV)
        return original(path, args, passfds)

    return spawn


def _neutrally(original: Method, *args: Any, **kwargs: Any) -> Any:
    """Call something that may start workers, which are then started with nothing current."""
    before, starting.workers = starting.workers, True
    try:
        return original(*args, **kwargs)
    finally:
        starting.workers = before


def _carried(carried: Mapping[str, object], call: Any) -> Any:
    return Carried(call, carried) if callable(call) else call


def _changed(
    args: tuple[Any, ...], kwargs: dict[str, Any], name: str, position: int, change: Callable[[Any], Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with one changed, wherever it was passed; absent, it stays absent."""
    if position < len(args):
        return (*args[:position], change(args[position]), *args[position + 1 :]), kwargs
    if name in kwargs:
        return args, {**kwargs, name: change(kwargs[name])}
    return args, kwargs


def _is_interpreters(executor: object) -> bool:
    return any(base.__module__ == _INTERPRETERS for base in type(executor).__mro__)


PLACES: Final[tuple[tuple[str, str, dict[str, Callable[[Method, Live], Method]]], ...]] = (
    ("threading", "Thread", {"start": _start_thread}),
    ("concurrent.futures.thread", "ThreadPoolExecutor", {"__init__": _initialize, "submit": _hand_over}),
    ("concurrent.futures.process", "ProcessPoolExecutor", {"submit": _hand_over}),
    ("multiprocessing.process", "BaseProcess", {"start": _start_process}),
    ("multiprocessing.util", "", {"spawnv_passfds": _spawn}),
    (
        "multiprocessing.pool",
        "Pool",
        {
            "__init__": _start_workers,
            **dict.fromkeys(
                ("apply_async", "map", "map_async", "starmap", "starmap_async", "imap", "imap_unordered"), _hand_over
            ),
        },
    ),
    ("subprocess", "Popen", {"__init__": _start_program}),
)
"""Module, class in it (empty: the module itself), and what is put around each function."""
