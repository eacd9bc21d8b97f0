"""A server that is killed in the middle of its work has everything that it acknowledged, once."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from durability_samples import Sender, check_kept
from process_samples import server_process

from agentops.store import LOCAL_STORE

ROUNDS = 20 if os.environ.get("AGENTOPS_SOAK") else 3
WRITERS = 4


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(data_directory: Path) -> None:
    """Four programs send OTLP and v2 without a pause, and again what they do not know of."""
    senders = [Sender(seed) for seed in range(WRITERS)]
    for _ in range(ROUNDS):
        with server_process("--quiet") as server:
            before = sum(len(sender.acknowledged) for sender in senders)
            threads = [sender.start(server.url) for sender in senders]
            time.sleep(random.uniform(0.2, 1.5))
            server.end(signal.SIGKILL)
            for thread in threads:
                thread.join(60)
                assert not thread.is_alive()
        assert sum(len(sender.acknowledged) for sender in senders) > before
    acknowledged = set[tuple[str, str]]().union(*(sender.acknowledged for sender in senders))
    sent = set[tuple[str, str]]().union(*(sender.sent for sender in senders))
    assert [sender.refused for sender in senders] == [[]] * WRITERS
    check_kept(data_directory / LOCAL_STORE, acknowledged, sent)


def test_a_server_that_was_killed_goes_on_where_it_was(data_directory: Path) -> None:
    """What the killed one acknowledged is read from the next, and what is sent again is known."""
    sender = Sender(1)
    with server_process("--quiet") as server:
        thread = sender.start(server.url)
        while len(sender.acknowledged) < 50:
            time.sleep(0.01)
        server.end(signal.SIGKILL)
        thread.join(60)
    with server_process("--quiet") as server:
        for session_id, span_id in sorted(sender.acknowledged)[:20]:
            assert server.get(f"/api/v1/sessions/{session_id}/spans/{span_id}").status_code == 200
    check_kept(data_directory / LOCAL_STORE, sender.acknowledged, sender.sent)
