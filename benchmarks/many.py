"""A store full of a busy team's sessions, to measure reading with: made once, through the store's own door.

    python benchmarks/many.py FOLDER                  a million events, a few minutes
    python benchmarks/many.py FOLDER --events 20000   fewer

Prints the path of the file. The same number of events gives the same sessions; a file that is there is used again.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from agentops.domain.genai import Message, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import AgentRecord, ErrorInfo, Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.store.sqlite import SqliteStore
from agentops.store.sqlite.statements import read_migrations

SIZE = 50
"""Events of a session."""

LARGE = 10_000
"""Events of the one large session that a store of many has."""

AT_ONCE = 40
"""Sessions in one batch."""

FIRST_DAY = 1_780_012_800_000_000_000
DAY = 86_400_000_000_000
DAYS = 30
SECOND = 1_000_000_000

LARGE_SESSION = "10000000-0000-4000-8000-000000010000"
MODELS = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-4.1"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5"),
)
AGENTS = ("planner", "researcher", "writer", "critic", "coder")
TOOLS = ("search", "fetch_page", "read_file", "run_tests", "query_database", "send_mail")
TASKS = ("plan", "summarize", "rank", "validate")
TAGS = ("prod", "staging", "nightly", "eval", "beta", "vip")
USERS = 500
RARE = 0.05
"""How often a sentence is in another language, and a session fails."""

TEXT = """
the weather in town was mild and nobody asked about refunds before the invoice arrived late on monday while our
customer wanted a table of prices for every region including shipping taxes and the discount that sales promised
last week because their manager compares vendors by delivery time support quality and total cost of ownership
"""
WORDS = TEXT.split()
SENTENCES = (
    "今天的天气很好我们去公园散步吧",
    "الطقس جميل اليوم في المدينة القديمة",
    "Wie wird das Wetter morgen in Köln?",
)
SYSTEM = Message(role="system", parts=[Text(content="You are a careful assistant. " + TEXT)])
OFFERED = [Tool(name=name, description=f"Use {name}.", parameters={"type": "object"}) for name in TOOLS]


def sentence(chance: random.Random, words: int) -> str:
    """Some words, now and then in another language."""
    told = " ".join(chance.choices(WORDS, k=words))
    return f"{told} {chance.choice(SENTENCES)}" if chance.random() < RARE else told


def new_id(chance: random.Random) -> str:
    """A span id."""
    return f"{chance.getrandbits(64) or 1:016x}"


def session_id_of(number: int) -> str:
    """The id of the session of this number."""
    return str(UUID(int=random.Random(number).getrandbits(128), version=4))


class Session:
    """One session as an agent makes it: an agent that turns between model, tools and tasks."""

    def __init__(self, number: int, session_id: str, size: int, start: int) -> None:
        self.chance = random.Random(f"session {number}")
        self.id, self.size, self.start, self.now = session_id, size, start, start
        self.agent = self.chance.choice(AGENTS)
        self.provider, self.model = self.chance.choice(MODELS)
        self.talk = [SYSTEM, Message(role="user", parts=[Text(content=sentence(self.chance, 30))])]

    def records(self) -> Iterator[Record]:
        """The session itself, and its spans as they ended."""
        root, agent = new_id(self.chance), new_id(self.chance)
        turns = list[SpanRecord]()
        for position in range(self.size - 2):
            turns.append(self._step(position, agent))
        yield self._announcement()
        yield from turns
        yield self._span(agent, root, SpanKind.AGENT, self.agent, self.start + 1_000_000)
        yield self._span(root, None, SpanKind.SESSION, "answer", self.start)

    def _announcement(self) -> SessionRecord:
        failed = self.chance.random() < RARE
        return SessionRecord(
            session_id=self.id,
            name=f"answer {self.chance.choice(TASKS)}",
            state="FAILED" if failed else "SUCCEEDED",
            end_state="Fail" if failed else "Success",
            start=self.start,
            end=self.now,
            tags=self.chance.sample(TAGS, self.chance.randint(0, 2)),
            agents=[AgentRecord(id=self.agent, name=self.agent)],
            user=f"user-{self.chance.randrange(USERS)}",
            host_env={"OS": {"OS": "Linux"}, "Host": {"hostname": f"host-{self.chance.randrange(20)}"}},
        )

    def _step(self, position: int, parent: str) -> SpanRecord:
        if position % 5 == 0:
            return self._model_call(position, parent)
        if position % 5 < 4:  # noqa: PLR2004 - three tools and a task to a model call
            return self._tool_call(position, parent)
        return self._span(new_id(self.chance), parent, SpanKind.TASK, self.chance.choice(TASKS), self._later())

    def _model_call(self, position: int, parent: str) -> SpanRecord:
        if len(self.talk) > SIZE:  # a long conversation is begun anew
            del self.talk[1:]
        asked = list(self.talk)
        call = ToolCall(
            name=self.chance.choice(TOOLS), arguments={"query": sentence(self.chance, 3)}, id=f"c{position}"
        )
        answer = Message(
            role="assistant", parts=[Text(content=sentence(self.chance, 40)), call], finish_reason="tool_calls"
        )
        result = ToolResult(result=sentence(self.chance, 40), id=call.id)
        self.talk += [answer, Message(role="tool", parts=[result])]
        record = self._span(new_id(self.chance), parent, SpanKind.LLM, f"chat {self.model}", self._later())
        record.request = Request(
            operation="chat",
            provider=self.provider,
            model=self.model,
            messages=asked,
            tools=OFFERED,
            parameters={"temperature": 0.2},
        )
        usage = Usage(input=400 + 60 * len(asked), output=self.chance.randint(20, 200))
        record.response = Response(
            id=f"{self.id}-{position}",
            model=self.model,
            messages=[answer],
            finish_reasons=["tool_calls"],
            usage=usage,
        )
        record.cost = f"{self.chance.randint(1, 9000) / 10**7:.7f}"
        return record

    def _tool_call(self, position: int, parent: str) -> SpanRecord:
        record = self._span(new_id(self.chance), parent, SpanKind.TOOL, self.chance.choice(TOOLS), self._later())
        record.input, record.output = {"query": sentence(self.chance, 4), "limit": position}, sentence(self.chance, 12)
        if self.chance.random() < 0.02:  # noqa: PLR2004 - one in fifty fails
            record.status, record.counted_error = SpanStatus.ERROR, True
            record.error = ErrorInfo(type="TimeoutError", message="the tool did not answer")
        return record

    def _later(self) -> int:
        self.now += self.chance.randint(SECOND // 50, SECOND)
        return self.now

    def _span(self, span_id: str, parent: str | None, kind: SpanKind, name: str, start: int) -> SpanRecord:
        end = self.now = max(self.now, start + int(self.chance.lognormvariate(18.5, 1.5)))
        return SpanRecord(
            session_id=self.id,
            span_id=span_id,
            parent_id=parent,
            kind=kind,
            name=name,
            start=start,
            end=end,
            agent_id=self.agent,
            agent_name=self.agent,
            thread="MainThread",
        )


def sessions(events: int) -> Iterator[Session]:
    """Sessions of so many events in all, by their start; with enough of them, one is large."""
    large = LARGE if events > 5 * LARGE else 0
    count = (events - large) // SIZE
    for number in range(count):
        start = FIRST_DAY + number * DAYS * DAY // count
        yield Session(number, session_id_of(number), SIZE, start)
        if large and number == count // 2:
            yield Session(-1, LARGE_SESSION, large, start)


def make(folder: Path, events: int) -> Path:
    """The store of so many events in a folder, indexed; made where it is not there yet."""
    path = folder / f"many-{events}-v{len(read_migrations())}.db"
    if path.exists():
        return path
    unfinished = path.with_suffix(".unfinished")
    for suffix in ("", "-wal", "-shm"):
        unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)
    with SqliteStore(unfinished, closing_budget=0) as store:
        batch, began = list[Record](), time.monotonic()
        for number, session in enumerate(sessions(events)):
            batch.extend(session.records())
            if number % AT_ONCE == AT_ONCE - 1:
                store.ingest(batch)
                batch.clear()
        store.ingest(batch)
        print(f"written in {time.monotonic() - began:.0f} s", file=sys.stderr)
        store.index()
        print(f"indexed after {time.monotonic() - began:.0f} s", file=sys.stderr)
    unfinished.rename(path)
    return path


def main() -> None:
    """Make it and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to keep the file")
    parser.add_argument("--events", type=int, default=1_000_000, help="spans in all (default: a million)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(make(arguments.folder, arguments.events))


if __name__ == "__main__":
    main()
