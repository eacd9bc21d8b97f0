"""What a session is and how it went, in a line or two."""

from rich.text import Text

from agentops.cli import formats
from agentops.cli.glyphs import Glyphs
from agentops.domain.states import SessionState
from agentops.store.protocol import SessionSummary

_UNNAMED = "session"


def name_of(session: SessionSummary) -> str:
    """The name of a session, or the word for one."""
    return formats.one_line(session.name or _UNNAMED, 80)


def state_word(session: SessionSummary) -> str:
    """The state as one word; `interrupted` where the process died."""
    return "interrupted" if session.interrupted else session.state.lower()


def state(session: SessionSummary, glyphs: Glyphs) -> Text:
    """The state with its sign and colour."""
    word = state_word(session)
    mark, style = {
        "succeeded": (glyphs.succeeded, "ok"),
        "failed": (glyphs.failed, "bad"),
        "running": (glyphs.running, "live"),
        "initializing": (glyphs.running, "live"),
    }.get(word, (glyphs.stopped, "unsure"))
    return Text(f"{mark} {word}", style)


def seconds(session: SessionSummary, *, now: int) -> float:
    """How long it took, or has been running."""
    end = session.end
    if end is None:
        end = session.last if session.interrupted or SessionState(session.state).is_terminal else now
    return max(0, end - session.start) / 1e9


def tokens(session: SessionSummary) -> int:
    """All tokens that went in and came out."""
    return session.input_tokens + session.output_tokens


def header(session: SessionSummary, glyphs: Glyphs, *, now: int) -> list[Text]:
    """Name, id and state; then when, how long, tags and agents; then why it ended so."""
    separator = f"  {glyphs.dot}  "
    title = Text.assemble((name_of(session), "bold"), "  ", (session.session_id, "faint"), "  ", state(session, glyphs))
    facts = [formats.timestamp(session.start), formats.duration(seconds(session, now=now))]
    facts.append(formats.plural(session.spans, "span"))
    if session.tags:
        facts.append("tags " + ", ".join(formats.one_line(tag, 40) for tag in session.tags))
    if session.agents:
        facts.append("agents " + ", ".join(formats.one_line(agent.name, 40) for agent in session.agents))
    lines = [title, Text(separator.join(facts), "faint")]
    if session.end_state_reason:
        lines.append(Text(formats.one_line(session.end_state_reason, 300), state(session, glyphs).style))
    return lines
