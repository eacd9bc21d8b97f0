"""Looking at a library from below its plugin: which objects its own callables gave and raised."""

import inspect
from collections.abc import Awaitable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any

from wrapt import FunctionWrapper

from agentops.instrumentation.patch import replace
from agentops.instrumentation.target import Bridge, Instrumentation

ABSENT = object()
"""What stands where a class inherits an attribute or a path leads nowhere."""


class Sightings:
    """The very objects that the library's callables gave and raised."""

    def __init__(self) -> None:
        self._seen: list[object] = []

    def __contains__(self, value: object) -> bool:
        return any(value is seen for seen in self._seen)

    def look(self, wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ARG002 - as wrapt calls it
        """Call through, and remember what came of it."""
        try:
            outcome = wrapped(*args, **kwargs)
        except BaseException as error:
            self._seen.append(error)
            raise
        if inspect.iscoroutine(outcome):
            return self._follow(outcome)
        self._seen.append(outcome)
        return outcome

    async def _follow(self, awaitable: Awaitable[Any]) -> Any:
        try:
            outcome = await awaitable
        except BaseException as error:
            self._seen.append(error)
            raise
        self._seen.append(outcome)
        return outcome


@contextmanager
def spying(instrumentations: Sequence[Instrumentation | Bridge]) -> Generator[Sightings]:
    """Watch every target in the block, from below whatever is put over it there."""
    sightings = Sightings()
    with ExitStack() as stack:
        for owner, name in places_of(instrumentations):
            with suppress(LookupError, TypeError):
                patch = replace(owner, name, lambda original: FunctionWrapper(original, sightings.look))
                stack.callback(patch.undo)
        yield sightings


def places_of(instrumentations: Sequence[Instrumentation | Bridge]) -> list[tuple[Any, str]]:
    """The modules and classes of all targets, with the names that are replaced in them; bridges have none."""
    found: list[tuple[Any, str]] = []
    for instrumentation in instrumentations:
        for target in instrumentation.targets if isinstance(instrumentation, Instrumentation) else ():
            module, _, path = target.path.partition(":")
            *outer, name = path.split(".")
            with suppress(ImportError, AttributeError):
                owner: Any = import_module(module)
                for part in outer:
                    owner = getattr(owner, part)
                found.append((owner, name))
    return found


def originals(instrumentations: Sequence[Instrumentation | Bridge]) -> list[object]:
    """What stands in each place now."""
    stored: list[tuple[dict[str, object], str]] = [(vars(owner), name) for owner, name in places_of(instrumentations)]
    return [attributes.get(name, ABSENT) for attributes, name in stored]
