"""The proof of a plugin: every situation that a call may meet, with the plugin and without.

    PROBE = Probe(
        name="acme",
        instrumentation=acme_plugin.agentops_instrumentation(),
        client=acme.Client,
        aclient=acme.AsyncClient,
        call=lambda client: client.ask("Hello"),
        stream=lambda client: client.ask("Hello", stream=True),
        expected=Expected(model="acme-1", text="Hello to you"),
    )

    @pytest.mark.parametrize("case", conformance.cases(PROBE), ids=str)
    def test_acme_conforms(case: conformance.Case) -> None:
        case.check()

Sync and async, values and streams; answered, refused, broken off, closed early, dropped and cancelled: in each case
one span covers the call and ends once, it holds what the program received, and the program gets the very results,
chunks and exceptions that it gets without the plugin, which comes out again without a trace.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry.trace import get_current_span

from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing.outline import outline
from agentops.testing.probe import Expected, Probe, Situation, answering
from agentops.testing.recording import Recording, record
from agentops.testing.spies import Sightings, originals, spying
from agentops.testing.trials import Ending, Outcome, Trial
from agentops.testing.verdicts import check_span, compare, require

__all__ = ["Case", "Ending", "Expected", "Probe", "Situation", "answering", "cases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One situation of one way to call the library; `str` of it is its name.

    Attributes:
        probe: the library.
        is_async: whether the call takes an event loop.
        is_stream: whether it gives a stream.
        situation: what it meets.
        ending: what the program does with it.
        twice: whether the plugin is put in twice, and taken out to the last trace.
    """

    probe: Probe
    is_async: bool
    is_stream: bool
    situation: Situation = Situation.ANSWERS
    ending: Ending = Ending.READ
    twice: bool = False

    def check(self, recording: Recording | None = None) -> None:
        """Make the call without the plugin and with it, and compare.

        Call it outside of any event loop.

        Args:
            recording: where it is recorded; whatever it observes else is out of the way meanwhile. None takes a
                recording of its own.

        Raises:
            AssertionError: if the plugin breaks the contract; the message says how.
        """
        if recording is not None:
            self._check(recording)
            return
        with record(plugins=False, strict=True) as own:
            self._check(own)

    def __str__(self) -> str:
        way = f"{'async ' if self.is_async else ''}{'stream' if self.is_stream else 'value'}"
        how = self.situation if self.ending is Ending.READ else self.ending
        return f"{self.probe.name}: {way} {'restored' if self.twice else how}"

    def _check(self, recording: Recording) -> None:
        instrumentations = self.probe.instrumentations
        with recording.observing.only():
            untouched = originals(instrumentations)
            watched = () if self.twice or self.ending is Ending.DROPPED else instrumentations
            with spying(watched) as sightings:
                replaced = originals(instrumentations)
                known = set(_spans(recording))
                bare = None if self.ending is Ending.CANCELLED else self._try(recording, sightings)
                require(set(_spans(recording)) == known, "the call is recorded without the plugin: is another in use?")
                with ExitStack() as stack:
                    for _ in range(2 if self.twice else 1):
                        stack.enter_context(recording.observing.only(instrumentations))
                    outcome = self._try(recording, sightings)
                require(_same(originals(instrumentations), replaced), "the plugin does not come out without a trace")
            require(_same(originals(instrumentations), untouched), "the plugin does not come out without a trace")
            if bare is not None:
                compare(bare, outcome, is_stream=self.is_stream)
            self._check_recorded(recording, known, outcome)
            if self.twice:
                self._try(recording, sightings)
                require(len(set(_spans(recording)) - known) == 1, "calls are recorded after the plugin was taken out")

    def _check_recorded(self, recording: Recording, known: set[str], outcome: Outcome) -> None:
        if self.situation is Situation.ANSWERS and self.ending is Ending.READ:
            require(outcome.error is None, f"the call that is answered raises {outcome.error!r}")
        new = {span_id: ends for span_id, ends in _spans(recording).items() if span_id not in known}
        spans = [span for span in recording.spans() if span.span_id in new]
        require(len(spans) == 1, f"one call is recorded as {len(spans)} spans:\n{outline(spans)}")
        (ends,) = new.values()
        require(ends == 1, f"the span ended {ends} times")
        check_span(spans[0], outcome, self.probe, self.ending, is_stream=self.is_stream)

    def _try(self, recording: Recording, sightings: Sightings) -> Outcome:
        """Make the call once, in the situation."""
        if self.probe.prepare is not None:
            self.probe.prepare(self.situation)
        known = set(_spans(recording))
        trial = Trial(
            client=_given(self.probe.aclient if self.is_async else self.probe.client),
            call=_given(_calls(self.probe)[self.is_async, self.is_stream]),
            is_stream=self.is_stream,
            ending=self.ending,
            text_of=self.probe.text_of,
            is_recorded=lambda: set(_spans(recording)) != known,
            now=recording.recorder.clock.now,
        )
        around = get_current_span()
        outcome = trial.run_async(sightings) if self.is_async else trial.run(sightings)
        require(get_current_span() is around, "the call is still the current span when it is over")
        return outcome


def cases(probe: Probe) -> list[Case]:
    """Every case that a probe can show."""
    found: list[Case] = []
    for (is_async, is_stream), call in _calls(probe).items():
        if call is None or (probe.aclient if is_async else probe.client) is None:
            continue
        case = Case(probe=probe, is_async=is_async, is_stream=is_stream)
        found += [case, replace(case, twice=True)]
        if is_stream:
            found += [replace(case, ending=ending) for ending in (Ending.CLOSED, Ending.DROPPED)]
        if probe.prepare is not None:
            found.append(replace(case, situation=Situation.REFUSES))
            if is_stream:
                found.append(replace(case, situation=Situation.BREAKS))
            if is_async:
                found.append(replace(case, situation=Situation.HANGS, ending=Ending.CANCELLED))
    return found


def _calls(probe: Probe) -> dict[tuple[bool, bool], Callable[[Any], Any] | None]:
    """How each way of calling (async, stream) is done."""
    return {
        (False, False): probe.call,
        (True, False): probe.acall or probe.call,
        (False, True): probe.stream,
        (True, True): probe.astream or probe.stream,
    }


def _given(value: Callable[..., Any] | None) -> Callable[..., Any]:
    """What `cases` has seen to be there."""
    if value is None:
        raise TypeError("the probe has no such way to call its library")
    return value


def _spans(recording: Recording) -> dict[str, int]:
    """Every span, the sessions' own left out, and how often it has ended."""
    ends: dict[str, int] = {}
    for span in recording.records():
        if isinstance(span, SpanRecord) and span.kind is not SpanKind.SESSION:
            ends[span.span_id] = ends.get(span.span_id, 0) + (span.status is not SpanStatus.RUNNING)
    return ends


def _same(these: list[object], those: list[object]) -> bool:
    return all(this is that for this, that in zip(these, those, strict=True))
