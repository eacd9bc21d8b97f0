"""That a collector answers, and to whom."""

from server_samples import RunningServer


def test_a_collector_answers(server: RunningServer) -> None:
    """It is alive and ready as soon as it listens."""
    assert server.client.get("/healthz").json() == {"status": "ok"}
    assert server.client.get("/readyz").status_code == 200
