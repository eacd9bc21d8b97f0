"""A session travels in the headers of a request, and what another service records belongs to it."""

import agentops
from agentops.testing import record


def test_what_the_other_service_records_belongs_to_the_session_that_asked() -> None:
    """Under the span that was current when the headers were made, whatever the headers' case."""

    @agentops.tool
    def measure(station: int) -> int:
        return station

    with record() as recording:
        with agentops.session("asking") as session, agentops.span("call", kind="task"):
            headers = agentops.inject({"accept": "text/plain"})
        with agentops.extract({name.title(): value for name, value in headers.items()}):
            measure(4)
        call, measured = recording.span("call"), recording.span("measure")
    assert headers["accept"] == "text/plain"
    assert measured.session_id == session.session_id
    assert measured.parent_id == call.span_id


def test_other_baggage_is_kept() -> None:
    """The program's own baggage travels on beside ours."""
    with record(), agentops.session("asking") as session:
        headers = agentops.inject({"Baggage": "tenant=7"})
    assert headers["Baggage"] == f"tenant=7,agentops.session={session.session_id}"


def test_without_a_session_nothing_is_added() -> None:
    """Headers stay as they are where nothing is current, and foreign headers join nothing."""
    with record() as recording:
        assert agentops.inject({"accept": "text/plain"}) == {"accept": "text/plain"}
        with agentops.extract({"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}):
            assert agentops.current_session() is None
        assert recording.spans() == []
