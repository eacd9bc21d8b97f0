"""The handler for the callbacks of DSPy: modules, agents, tools, adapters and model calls as spans.

    dspy.configure(callbacks=[DSPyCallbackHandler()])

https://dspy.ai/api/utils/BaseCallback: a call's end is told where its beginning was, in the same thread or task.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from agentops.instrumentation.callbacks.dspy_calls import Calls
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.emitter import SpanEmitter
from agentops.legacy.callbacks.joining import join

if TYPE_CHECKING:
    from collections.abc import Iterable

    BaseCallback = object  # DSPy is large: type checkers do without it
else:
    from dspy.utils.callback import BaseCallback

_dspy: Any = import_module("dspy")
_SOURCE: Final = "agentops.dspy"


class DSPyCallbackHandler(Calls, BaseCallback):
    """Records what DSPy does."""

    def __init__(
        self,
        api_key: str | None = None,
        tags: Iterable[str] | str | None = None,
        cache: bool = True,  # noqa: FBT001, FBT002 - AgentOps's signature
        auto_session: bool = True,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        """Begin to record, if that has not begun.

        Args:
            api_key: as for `agentops.init`.
            tags: words to find the session by.
            cache: whether DSPy goes on remembering answers; False switches that off in the whole program.
            auto_session: whether to begin to record.
        """
        super().__init__(Runs(SpanEmitter(_SOURCE)))
        if auto_session:
            join(tags, (), {"api_key": api_key})
        if not cache:
            _dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
