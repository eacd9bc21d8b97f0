"""What a program printed, as AgentOps 0.4 uploads it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_samples import RunningServer, StartServer

from agentops.collector.loglines import read_lines
from agentops.domain.spans import LogRecord, LogSource

SESSION = "768df7f4-e841-173c-9c6d-f756a1197f16"
TRACE = UUID(SESSION)
TEXT = (
    "2026-11-20 07:16:25,541 - INFO - hello\n"
    "2026-11-20 07:16:25,541 - WARNING - two\nlines\n"
    "2026-11-20 07:16:26,001 - INFO - hello\n"
)


def upload(server: RunningServer, text: str, trace: object = TRACE.int, **headers: str) -> httpx.Response:
    """Upload as 0.4.21 does."""
    return server.client.post("/v4/logs/upload/", json={"body": text}, headers={"Trace-Id": str(trace), **headers})


def lines_of(server: RunningServer, session_id: str = SESSION) -> list[LogRecord]:
    """What is kept of a session's lines."""
    with server.store() as store:
        return list(store.logs(session_id))


def test_lines_are_kept_with_their_time_and_level(server: RunningServer) -> None:
    """Before the trace has come; its id is a decimal number; what was printed on several lines stays together."""
    answer = upload(server, TEXT)
    assert answer.status_code == 200
    assert answer.json() == {"url": f"{server.url}/v4/logs/{TRACE.hex}", "size": len(TEXT)}
    found = lines_of(server)
    assert [(line.body, line.severity_text, line.severity) for line in found] == [
        ("hello", "INFO", 9),
        ("two\nlines", "WARNING", 13),
        ("hello", "INFO", 9),
    ]
    assert found[0].time == int(datetime(2026, 11, 20, 7, 16, 25).timestamp()) * 10**9 + 541 * 10**6  # noqa: DTZ001 - local, as logged
    assert {line.source for line in found} == {LogSource.LOGGING}


def test_a_second_upload_changes_nothing(server: RunningServer) -> None:
    """Nor does one that goes on where the first ended change what was there."""
    upload(server, TEXT)
    first = lines_of(server)
    upload(server, TEXT)
    assert lines_of(server) == first
    upload(server, TEXT + "2026-11-20 07:16:27,000 - INFO - more\n")
    assert lines_of(server)[:-1] == first


def test_a_long_text_is_kept_whole(server: RunningServer) -> None:
    """Of more lines than are written at once."""
    text = "".join(f"2026-11-20 07:16:{each % 60:02},001 - INFO - line {each}\n" for each in range(5000))
    upload(server, text)
    with server.store() as store:
        assert store.count_lines(SESSION) == 5000


def test_lines_that_say_no_time_are_kept_as_they_are(server: RunningServer) -> None:
    """Also if they are uploaded again later."""
    upload(server, "plain\nlines\n")
    first = lines_of(server)
    assert [(line.body, line.source) for line in first] == [("plain\nlines\n", "stdout")]
    upload(server, "plain\nlines\n")
    assert lines_of(server) == first


@pytest.mark.parametrize("trace", [TRACE.int, TRACE.hex, SESSION, TRACE.hex.upper()])
def test_a_trace_is_the_session_of_the_same_bits(server: RunningServer, trace: object) -> None:
    """However its id is written."""
    assert upload(server, TEXT, trace).status_code == 200
    assert len(lines_of(server)) == 3


@pytest.mark.parametrize("trace", ["", "0", str(1 << 128), "../../etc/passwd", "no trace", "-1", "١٢"])
def test_an_id_that_is_none_is_refused(server: RunningServer, trace: str) -> None:
    """400, and nothing is written anywhere."""
    raw = trace.encode()
    answer = server.client.post("/v4/logs/upload/", json={"body": TEXT}, headers={b"Trace-Id": raw})
    assert answer.status_code == 400
    with server.store() as store:
        assert store.sessions() == []


def test_what_was_uploaded_can_be_read(server: RunningServer) -> None:
    """As text, at the address that the upload gave."""
    url = upload(server, TEXT).json()["url"]
    said = server.client.get(url).json()
    assert said == {
        "content": "hello\ntwo\nlines\nhello\n",
        "trace_id": TRACE.hex,
        "freeplan_truncated": False,
    }
    assert server.client.get(f"/v4/logs/{uuid4().hex}").status_code == 404


def test_only_its_project_reads_and_writes_a_log(start_server: StartServer) -> None:
    """The same trace of another project is another trace."""
    server = start_server(keys={"ours": "the key of ours", "theirs": "the key of theirs"})
    assert upload(server, TEXT).status_code == 401
    assert upload(server, TEXT, Authorization="Bearer the key of ours").status_code == 200
    with server.asking("the key of theirs") as theirs:
        assert theirs.get(f"/v4/logs/{TRACE.hex}").status_code == 404
    upload(server, "2026-11-20 07:16:25,541 - INFO - theirs\n", Authorization="Bearer the key of theirs")
    with server.asking("the key of ours") as ours:
        assert "theirs" not in ours.get(f"/v4/logs/{TRACE.hex}").json()["content"]


def test_a_body_that_is_not_wrapped_is_the_text_itself(server: RunningServer) -> None:
    """Whatever bytes it has."""
    headers = {"Trace-Id": TRACE.hex, "Content-Type": "application/octet-stream"}
    answer = server.client.post("/v4/logs/upload", content=b"caf\xc3\xa9 \xff\n", headers=headers)
    assert answer.status_code == 200
    assert [line.body for line in lines_of(server)] == ["caf\u00e9 \ufffd\n"]


heads = st.sampled_from(["2026-11-20 07:16:25,541 - INFO - ", "9999-99-99 99:99:99,999 - INFO - ", ""])
texts = st.lists(st.tuples(heads, st.text(max_size=8)), max_size=6).map(
    lambda pieces: "\n".join(head + said for head, said in pieces)
)


@given(text=texts, known=st.dictionaries(st.integers(0, 10), st.integers(0, 10)))
def test_no_text_is_lost_or_numbered_twice(text: str, known: dict[int, int]) -> None:
    """Any text at all: every word of it is in some record, in its order; the same text gives the same records."""
    records = list(read_lines(text, SESSION, 1, known))
    assert records == list(read_lines(text, SESSION, 1, known))
    numbers = [record.number for record in records]
    assert numbers == sorted(set(numbers))
    said: list[Any] = []
    for record in records:
        level = record.severity_text
        said.append(record.body if level is None else record.body + "\n")
    without_heads = text.replace("2026-11-20 07:16:25,541 - INFO - ", "").replace(
        "9999-99-99 99:99:99,999 - INFO - ", ""
    )
    assert "".join(said).split() == without_heads.split()
