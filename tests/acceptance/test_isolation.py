"""Many sessions at once, over tasks and threads: each has what happened in it, and nothing else."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import agentops
from agentops import ActionEvent, ErrorEvent, LLMEvent
from agentops.domain.spans import SpanKind
from agentops.store.sqlite import SqliteStore

SESSIONS, TASKS, THREADS = 50, 1_000, 32


@agentops.tool(cost="0.001")
def use(owner: str, number: int) -> str:
    """A tool that says for whom it worked, and fails for some."""
    if number % 7 == 0:
        raise LookupError(owner)
    return owner


@agentops.agent
async def act(owner: str, number: int) -> None:
    """One agent's work, with steps between which others run."""
    await asyncio.sleep(0)
    for each in range(number, number + 3):
        try:
            use(owner, each)
        except LookupError:
            await asyncio.sleep(0)
    async with agentops.span("step", kind="action", owner=owner):
        await asyncio.sleep(0)


def expected(numbers: list[int]) -> Counter[str]:
    """What the agents of these numbers add up to, and one model call and one error event each thread."""
    counts = Counter[str]()
    for number in numbers:
        failing = sum(each % 7 == 0 for each in range(number, number + 3))
        counts += Counter(tools=3, actions=1, errors=failing, agents=1)
    return counts


def shares() -> dict[int, list[int]]:
    """Which numbers each session works on, unevenly."""
    chance = Random(7)
    found: dict[int, list[int]] = {index: [] for index in range(SESSIONS)}
    for number in range(TASKS):
        found[chance.randrange(SESSIONS)].append(number)
    return found


async def run_session(index: int, numbers: list[int]) -> str:
    """A session of its own, its agents all at once."""
    async with agentops.session(f"session {index}") as session:
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(act(session.session_id, number))
        agentops.record(LLMEvent(model="gpt-4o", prompt_tokens=index, completion_tokens=1, prompt=session.session_id))
        agentops.record(ActionEvent(params={"owner": session.session_id}))
        agentops.record(ErrorEvent(error_type="Told", details=session.session_id))
        await asyncio.sleep(0)
    check(session, numbers, index)
    return session.session_id


def check(session: agentops.Session, numbers: list[int], index: int) -> None:
    """The counts in memory."""
    counts, wanted = session.get_analytics(), expected(numbers)
    assert {name: counts[name] for name in ("LLM calls", "Tool calls", "Actions", "Errors")} == {
        "LLM calls": 1,
        "Tool calls": wanted["tools"],
        "Actions": wanted["actions"] + 1,
        "Errors": wanted["errors"] + 1,
    }
    assert session.analytics.input_tokens == index


def check_store(directory: Path, shares: dict[int, list[int]], owners: dict[int, str]) -> None:
    """The counts and the contents in the store."""
    with SqliteStore(directory / "agentops.db") as store:
        found = {session.session_id: session for session in store.sessions(limit=2 * SESSIONS)}
        assert found.keys() == set(owners.values())
        for index, owner in owners.items():
            summary, wanted = found[owner], expected(shares[index])
            assert (summary.llm_calls, summary.tool_calls, summary.actions, summary.errors) == (
                1,
                wanted["tools"],
                wanted["actions"] + 1,
                wanted["errors"] + 1,
            )
            spans = list(store.spans(owner))
            kinds = Counter(span.kind for span in spans)
            assert (kinds[SpanKind.SESSION], kinds[SpanKind.AGENT]) == (1, wanted["agents"])
            for span in spans:
                if span.kind in {SpanKind.TOOL, SpanKind.AGENT}:
                    assert span.input["owner"] == owner
                elif span.name == "step":
                    assert span.attributes["owner"] == owner


async def test_a_thousand_tasks_in_fifty_sessions(data_directory: Path) -> None:
    """One event loop: no event in a foreign session, and every count right, in memory and in the store."""
    agentops.init(auto_start_session=False)
    work = shares()
    owners = await asyncio.gather(*[run_session(index, numbers) for index, numbers in work.items()])
    assert agentops.flush(60)
    agentops.shutdown()
    check_store(data_directory, work, dict(enumerate(owners)))


def test_thirty_two_threads_in_fifty_sessions(data_directory: Path) -> None:
    """Each thread runs session after session on an event loop of its own, all at the same time."""
    agentops.init(auto_start_session=False)
    work = shares()
    meeting = threading.Barrier(THREADS)
    waiting = threading.local()

    def run(share: tuple[int, list[int]]) -> tuple[int, str]:
        if not hasattr(waiting, "met"):
            waiting.met = share[0] < THREADS and meeting.wait(30)
        return share[0], asyncio.run(run_session(*share))

    with ThreadPoolExecutor(THREADS) as pool:
        owners = dict(pool.map(run, work.items()))
    assert agentops.flush(60)
    agentops.shutdown()
    check_store(data_directory, work, owners)


def test_threads_share_the_session_that_started_them(data_directory: Path) -> None:
    """Threads and pools inside a session work for it, whatever other sessions run beside it."""
    agentops.init(auto_start_session=False)

    def run(index: int) -> str:
        with agentops.session(f"session {index}") as session, ThreadPoolExecutor(4) as pool:
            assert list(pool.map(use, [session.session_id] * 40, [1] * 40)) == [session.session_id] * 40
            thread = threading.Thread(target=use, args=(session.session_id, 2))
            thread.start()
            thread.join()
        assert session.get_analytics()["Tool calls"] == 41
        return session.session_id

    with ThreadPoolExecutor(8) as pool:
        owners = list(pool.map(run, range(SESSIONS)))
    assert agentops.flush(60)
    agentops.shutdown()
    with SqliteStore(data_directory / "agentops.db") as store:
        for owner in owners:
            tools = [span for span in store.spans(owner) if span.kind is SpanKind.TOOL]
            assert [span.input["owner"] for span in tools] == [owner] * 41
