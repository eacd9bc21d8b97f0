"""The callbacks of LangChain, whoever registers them.

A model call that an observed client library makes is recorded there, once; where none is seen, what LangChain tells of
it is recorded. https://reference.langchain.com/python/langchain_core/callbacks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from agentops.instrumentation.callbacks.langchain_models import ModelCallbacks
from agentops.instrumentation.callbacks.langchain_steps import StepCallbacks

if TYPE_CHECKING:
    from agentops.instrumentation.callbacks.runs import Runs


class Callbacks(ModelCallbacks, StepCallbacks):
    """Chains, agents, tools, retrievers and model calls as runs; each callback is done when it returns.

    Attributes:
        raise_error: LangChain's switch for letting failures of a handler through; there are none to let through.
        run_inline: LangChain calls in the task of the run, so that what follows there is recorded as part of it.
    """

    raise_error = False
    run_inline = True

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Programs copy configurations with all that is in them; the runs that go on are the same ones."""
        return self
