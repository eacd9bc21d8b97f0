"""Objects that clients of AgentOps 0.4 upload."""

from pathlib import Path

import pytest
from server_samples import RunningServer, StartServer

from agentops.collector.v4 import objects


def test_an_object_is_where_the_answer_says(server: RunningServer, data_directory: Path) -> None:
    """Its bytes come back; the same again is the same object."""
    stored = [server.client.post("/v4/objects/upload/", json={"body": "caf\u00e9"}) for _ in range(2)]
    assert [answer.status_code for answer in stored] == [200, 200]
    assert stored[0].json() == stored[1].json()
    assert stored[0].json()["size"] == 5
    found = server.client.get(stored[0].json()["url"])
    assert (found.content, found.headers["content-type"]) == ("caf\u00e9".encode(), "application/octet-stream")
    (kept,) = (path for path in (data_directory / "objects").rglob("*") if path.is_file())
    assert kept.stat().st_mode & 0o077 == 0


def test_an_object_belongs_to_its_project(start_server: StartServer) -> None:
    """Another's key finds nothing at the same address."""
    server = start_server(keys={"ours": "the key of ours", "theirs": "the key of theirs"})
    with server.asking("the key of ours") as ours, server.asking("the key of theirs") as theirs:
        url = ours.post("/v4/objects/upload/", json={"body": "secret"}).json()["url"]
        assert theirs.get(url).status_code == 404
        assert ours.get(url).content == b"secret"
    assert server.client.get(url).status_code == 401


def test_objects_go_with_their_project(start_server: StartServer, data_directory: Path) -> None:
    """Nothing of it stays in the data folder."""
    server = start_server(keys={"ours": "the key of ours"})
    with server.asking("the key of ours") as ours:
        ours.post("/v4/objects/upload/", json={"body": "secret"}).raise_for_status()
    server.services.projects.delete(server.project("ours").id)
    assert [path for path in (data_directory / "objects").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["..%2f..%2fcollector.db", "%2e%2e", "0" * 64, "0" * 63, "x"])
def test_what_is_no_object_is_not_there(server: RunningServer, name: str) -> None:
    """No path leads out of the folder."""
    assert server.client.get(f"/v4/objects/{name}").status_code == 404


def test_a_project_has_only_so_many(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further ones are refused; those that are there stay."""
    monkeypatch.setattr(objects, "MOST_OBJECTS", 2)
    answers = [server.client.post("/v4/objects/upload/", json={"body": each}) for each in ("a", "b", "c", "a")]
    assert [answer.status_code for answer in answers] == [200, 200, 507, 200]
    monkeypatch.setattr(objects, "MOST_OBJECTS", 100)
    monkeypatch.setattr(objects, "MOST_BYTES", 4)
    assert server.client.post("/v4/objects/upload/", json={"body": "xyz"}).status_code == 507
    assert server.client.get(answers[0].json()["url"]).content == b"a"


def test_a_folder_that_cannot_be_written_is_said_to_be_one(server: RunningServer, data_directory: Path) -> None:
    """No address is given for what is not on disk."""
    (data_directory / "objects").write_text("in the way")
    answer = server.client.post("/v4/objects/upload/", json={"body": "a"})
    assert (answer.status_code, "url" in answer.json()) == (503, False)
