"""The session that a word on the command line means."""

from collections.abc import Sequence
from difflib import get_close_matches

import click
from click.shell_completion import CompletionItem

from agentops.cli import formats
from agentops.cli.commands import Problem
from agentops.cli.opening import reading
from agentops.errors import AgentOpsError, UnknownSessionError
from agentops.store.protocol import SessionFilter, SessionSummary, Store

NOTHING_YET = "Nothing is recorded yet. Record a program with `agentops run my_agent.py`, or try `agentops demo`."
_RECENT = 200
_OFFERED = 20


def find(store: Store, word: str) -> SessionSummary:
    """The session whose id begins with `word`, the latest for `last`, else the latest of that name.

    Raises:
        Problem: if there is none; it offers the nearest.
    """
    try:
        return store.find(word)
    except UnknownSessionError as error:
        recent = store.sessions(limit=_RECENT)
        if not recent:
            raise Problem(NOTHING_YET) from error
        named = [session for session in store.sessions(SessionFilter(name=word), limit=_RECENT) if session.name == word]
        if named:
            return named[0]
        raise Problem(str(error), hint=_nearest(word, recent)) from error


def _nearest(word: str, recent: Sequence[SessionSummary]) -> str:
    known = {formats.short(session.session_id): session for session in reversed(recent)}
    known |= {session.name: session for session in reversed(recent) if session.name}
    near = get_close_matches(word[:36], list(known), n=3, cutoff=0.5)
    if not near:
        return "`agentops ls` lists the sessions there are."
    lines = [f"  {formats.short(known[name].session_id)}  {known[name].name or ''}" for name in near]
    return "Did you mean:\n" + "\n".join(dict.fromkeys(lines))


class SessionWord(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] - generic in newer versions of click only
    """A session named by the beginning of its id, by `last`, or by its name; the shell completes recent ones."""

    name = "session"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Recent sessions that begin so."""
        del ctx, param
        try:
            with reading(adopting=False) as store:
                recent = store.sessions(limit=_OFFERED)
        except AgentOpsError:
            return []
        items = [CompletionItem("last", help="the latest session")] if recent else []
        items += [CompletionItem(formats.short(session.session_id), help=session.name) for session in recent]
        return [item for item in items if item.value.startswith(incomplete)]
