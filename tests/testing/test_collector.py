"""The loopback collector as a fixture for the tests of programs."""

import agentops
from agentops.testing import Collector


def test_what_a_program_sends_is_in_the_fixture(loopback_collector: Collector) -> None:
    """A program under test finds it by its environment."""
    agentops.init(auto_start_session=False)

    @agentops.tool
    def look(word: str) -> int:
        return len(word)

    with agentops.session("tested"):
        look("river")
    assert agentops.flush(10)
    assert [(event["name"], event["params"], event["returns"]) for event in loopback_collector.of_type("tools")] == [
        ("look", {"word": "river"}, 5)
    ]
    (session,) = loopback_collector.sessions.values()
    assert session["record"]["name"] == "tested"
    assert loopback_collector.paths[0] == "create_session"
