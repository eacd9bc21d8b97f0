"""Decorated functions in other processes: found by reference, in pools of every start method."""

import importlib
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agentops.instrumentation.propagation import install_propagation

PROGRAM = '''
"""A program whose functions run in other processes."""
import asyncio
from agentops.decorators import {use}

@{use}
def square(number):
    return number * number

@{use}
def fail(number):
    raise LookupError(number)

@{use}()
class Worker:
    def __init__(self, factor):
        self.factor = factor
    def work(self, number):
        return number * self.factor

@{use}
async def wait(number):
    await asyncio.sleep(0)
    return number

def run(number):
    return asyncio.run(wait(number))

def tell(queue, number):
    queue.put(square(number))
'''


@pytest.fixture(params=["agent", "tool", "session"])
def program(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module that child processes can import, its functions decorated."""
    name = f"transparency_program_{request.param}"
    (tmp_path / f"{name}.py").write_text(PROGRAM.format(use=request.param))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    undo = install_propagation()
    yield importlib.import_module(name)
    undo()
    del sys.modules[name]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_decorated_work_runs_in_pools_of_processes(program: Any, method: str) -> None:
    """Functions, methods of instances and coroutine runners; results and exceptions come back."""
    launcher = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=launcher) as executor:
        assert list(executor.map(program.square, range(4))) == [0, 1, 4, 9]
        assert executor.submit(program.Worker(3).work, 2).result(60) == 6
        assert executor.submit(program.run, 5).result(60) == 5
        with pytest.raises(LookupError, match="7"):
            executor.submit(program.fail, 7).result(60)


def target_of(launcher: Any) -> Callable[..., Any]:
    """What starts a process."""
    return launcher.Process


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_decorated_work_is_the_target_of_a_process(program: Any, method: str) -> None:
    """Handed over by reference, ending with exit code 0."""
    launcher = multiprocessing.get_context(method)
    queue = launcher.Queue()
    process = target_of(launcher)(target=program.tell, args=(queue, 6))
    process.start()
    assert queue.get(timeout=60) == 36
    process.join()
    assert process.exitcode == 0
