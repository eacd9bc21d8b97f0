"""What came of all sessions together: counted once, whatever their order, and without holding on to them."""

from decimal import Decimal

import agentops
from agentops.domain.metrics import Calls, Metrics
from agentops.session.tally import KEPT
from agentops.testing.recording import Recording


@agentops.tool
def work() -> int:
    """Something that is counted."""
    return 1


def test_sessions_are_counted_by_how_they_ended(recording: Recording) -> None:
    """Started, active, the most at a time, and each end."""
    manager = recording.manager
    for end in ("Success", "Success", "Fail", "Indeterminate"):
        manager.start("one").end(end)
    first, second = manager.start("first"), manager.start("second")
    figures = manager.tally.sessions()
    assert (figures.started, figures.active, figures.peak_active, figures.joined) == (6, 2, 2, 0)
    assert (figures.succeeded, figures.failed, figures.indeterminate) == (2, 1, 1)
    assert figures.durations.count == 4
    assert figures.durations.total > 0
    second.end()
    first.end()
    assert manager.tally.sessions().active == 0


def test_a_session_of_another_process_is_joined_and_left(recording: Recording) -> None:
    """It has not ended here."""
    session = recording.manager.start(inherited_session_id="0188f0a8-6b2e-7c3d-9e4f-0123456789ab")
    work()
    session.leave()
    figures = recording.manager.tally.sessions()
    assert (figures.started, figures.joined, figures.active, figures.durations.count) == (1, 1, 0, 0)
    assert recording.manager.tally.calls() == Calls(tool_calls=1)


def test_calls_of_ended_and_active_sessions_are_added_up(recording: Recording) -> None:
    """What comes in after a session has ended, too."""
    manager = recording.manager
    with manager.start("first") as first:
        first.record(agentops.LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
        first.record(agentops.LLMEvent(model="nobody knows it", prompt_tokens=1))
        late = agentops.span("late", kind="tool")
        late.__enter__()
    late.__exit__(None, None, None)
    manager.start("second").record(agentops.ErrorEvent(details="no luck"))
    work()
    assert manager.tally.calls() == Calls(
        llm_calls=2, tool_calls=2, errors=1, input_tokens=1_001, output_tokens=100, cost=Decimal("0.0035"), unpriced=1
    )


def test_many_sessions_are_summed_and_forgotten(recording: Recording) -> None:
    """Only the counts of the latest are kept one by one."""
    for _ in range(KEPT + 10):
        with recording.manager.start("one"):
            work()
    assert recording.manager.tally.calls().tool_calls == KEPT + 10
    assert recording.manager.tally.sessions().succeeded == KEPT + 10


def test_a_forked_child_begins_anew(recording: Recording) -> None:
    """The sessions that go on are its parent's, and what they had counted is too."""
    session = recording.manager.start("one")
    work()
    recording.manager.after_fork()
    work()
    assert recording.manager.tally.calls() == Calls(tool_calls=1)
    assert (session.owned, recording.manager.tally.sessions().joined) == (False, 1)


def test_a_recording_in_a_test_tells_of_sessions_and_calls(recording: Recording) -> None:
    """`agentops.metrics()` works inside `agentops.testing.record`."""
    with agentops.session("one"):
        work()
    figures = agentops.metrics()
    assert figures == Metrics(sessions=recording.manager.tally.sessions(), calls=Calls(tool_calls=1))
