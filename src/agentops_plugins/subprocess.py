"""Observes `subprocess`: the programs that a session starts; asyncio and most libraries start theirs with it.

`run` and `call` are followed to the program's end. A `Popen` of the program's own, as asyncio makes them, is seen
when it is started: what becomes of it is told in many ways, or not at all. What Python's own modules start to learn
of the machine that they run on (`ldconfig`, `uname`) is no work of the session.
"""

import inspect
import os
import shlex
from typing import Any, Final

from agentops.domain.foreign import at, count, plain
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import legible

_PROBES: Final = frozenset({"ctypes.util", "platform", "uuid"})
"""Modules of Python that start programs on their own account, when libraries are imported mostly."""

_BETWEEN: Final = ("agentops.", "agentops_plugins.", "subprocess", "wrapt")
"""Modules between whoever starts a program and this one."""


def _is_probe() -> bool:
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_BETWEEN):
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in _PROBES


def _words(command: Any) -> list[str]:
    """A command line as a list: it may be text for a shell, bytes or a path."""
    if isinstance(command, (str, bytes)) or not isinstance(command, (list, tuple)):
        return [os.fsdecode(command)]
    return [os.fsdecode(word) for word in command]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _program(words: list[str]) -> str:
    """The program's name, without the folder it is in."""
    line = words[0] if words else ""
    if len(words) == 1:  # a shell's own words before the program set variables
        try:
            named = shlex.split(line)
        except ValueError:
            named = line.split()
        line = next((word for word in named if "=" not in word), line)
    return os.path.basename(line) or line  # noqa: PTH119 - of text that may be no path


def _read_request(arguments: Arguments) -> ToolRequest:
    words = _words(arguments.get("args", 0))
    program = _program(words)
    asked: dict[str, Any] = {"command": words}
    folder = arguments.kwargs.get("cwd")
    if folder is not None:
        asked["cwd"] = os.fsdecode(folder)
    return ToolRequest(name=program, arguments=asked, attributes={"process.executable.name": program})


def _ended(code: Any, **output: Any) -> ToolResponse:
    known = {"exit_code": code, **{name: value for name, value in output.items() if value}}
    return ToolResponse(result=known, attributes={"process.exit.code": code})


def _read_completed(completed: Any) -> ToolResponse:
    output = {name: plain(legible(at(completed, name))) for name in ("stdout", "stderr")}
    return _ended(at(completed, "returncode"), **output)


def _run(_: Arguments) -> Reader | None:
    return None if _is_probe() else _RUN


def _call(_: Arguments) -> Reader | None:
    return None if _is_probe() else _CALL


def _start(arguments: Arguments) -> Reader | None:
    if _is_probe():
        return None
    process = arguments.instance

    def read_response(_: None) -> ToolResponse:
        number = count(process, "pid")
        return ToolResponse(result={"pid": number}, attributes={"process.pid": number})

    return Reader(read_request=_read_request, read_response=read_response)


_RUN: Final = Reader(read_request=_read_request, read_response=_read_completed)
_CALL: Final = Reader(read_request=_read_request, read_response=_ended)

INSTRUMENTATION: Final = Instrumentation(
    library="subprocess",
    versions="",
    captures="commands, exit codes, captured output",
    targets=[
        Target(path="subprocess:run", reader=_run, opaque=True, outgoing=True),
        Target(path="subprocess:call", reader=_call, opaque=True, outgoing=True),
        # what `Popen.__init__` ends in: around that, what is current is handed to the program already
        Target(path="subprocess:Popen._execute_child", reader=_start, outgoing=True),
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The programs that are started."""
    return INSTRUMENTATION
