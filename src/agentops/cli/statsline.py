"""The analytics of a session, in the words that `get_analytics()` and the end of a program use."""

import time
from typing import Any

from rich.console import Console
from rich.text import Text

from agentops.cli import sessionline
from agentops.domain.analytics import analytics_dict, summary_line
from agentops.store.protocol import SessionSummary


def analytics(session: SessionSummary) -> dict[str, Any]:
    """What `get_analytics()` says of a session."""
    return analytics_dict(
        llm_calls=session.llm_calls,
        tool_calls=session.tool_calls,
        actions=session.actions,
        errors=session.errors,
        duration_seconds=sessionline.seconds(session, now=time.time_ns()),
        cost=session.cost,
    )


def print_stats_line(console: Console, session: SessionSummary) -> None:
    """The line of counts, errors in red where there are any."""
    text = Text(summary_line(analytics(session)))
    text.highlight_regex(r"Session Stats -", "faint")
    text.highlight_regex(r"(Duration|Cost|LLMs|Tools|Actions|Errors):", "bold")
    text.highlight_regex(r"\|", "faint")
    if session.errors:
        text.highlight_regex(r"Errors: \d+", "bad")
    console.print(text, soft_wrap=True)
