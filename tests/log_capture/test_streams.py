"""Streams stay the very objects that they are, and what is written to them is captured where it is written."""

import contextlib
import io
import signal
import sys
import threading
import traceback
from typing import Any

import pytest
from capture_samples import text_of
from hypothesis import given
from hypothesis import strategies as st

from agentops import decorators
from agentops.domain.spans import LogSource
from agentops.testing.recording import Recording, record

OUT, ERR = LogSource.STDOUT, LogSource.STDERR
Streams = tuple[io.TextIOWrapper, io.TextIOWrapper]


def test_a_stream_is_the_same_object_before_during_and_after(recording: Recording, streams: Streams) -> None:
    """Its type, its attributes and its methods as well, once nobody captures any more."""
    before = [(stream, type(stream), dict(vars(stream)), stream.write, stream.buffer.write) for stream in streams]
    one, other = recording.manager.start("one"), recording.manager.start("other")
    one.start_log_capture()
    other.start_log_capture()
    one.end()
    assert (sys.stdout, sys.stderr) == streams
    assert sys.stdout.write != before[0][3]
    other.stop_log_capture()
    after = [(stream, type(stream), dict(vars(stream)), stream.write, stream.buffer.write) for stream in streams]
    assert after == before
    assert vars(streams[0].buffer) == {}
    other.end()


def test_print_is_captured(captured: Any, recording: Recording) -> None:
    """On both streams, partial lines joined."""
    print("one", 2, sep="-")
    print("three", end=" ")
    print("four", file=sys.stderr)
    sys.stdout.writelines(["five\n", "six"])
    captured.end()
    assert text_of(recording.logs(), OUT) == "one-2\nthree five\nsix"
    assert text_of(recording.logs(), ERR) == "four\n"


def test_a_line_belongs_to_the_span_it_is_written_in(captured: Any, recording: Recording) -> None:
    """Or to the session's own where it is in none."""
    print("outside")
    with decorators.span("inside", kind="tool"):
        print("inside")
    captured.end()
    root = captured.telemetry.root
    assert [(log.body, log.span_id) for log in recording.logs()] == [
        ("outside\n", root.span_id),
        ("inside\n", recording.span("inside").span_id),
    ]


def test_bytes_are_captured_beside_text(captured: Any, recording: Recording) -> None:
    """In the order in which they are written, once each, noise made legible."""
    sys.stdout.write("text\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"bytes\n")
    sys.stdout.buffer.writelines([bytearray(b"more "), memoryview(b"of them\n")])
    sys.stdout.buffer.write(b"\xff\x00\n")
    sys.stdout.flush()
    captured.end()
    assert text_of(recording.logs(), OUT) == "text\nbytes\nmore of them\n\\xff\0\n"


def test_characters_may_come_in_halves(captured: Any, recording: Recording) -> None:
    """Bytes that do not make one yet wait for the rest."""
    for byte in "näh€\n".encode():
        sys.stdout.buffer.write(bytes([byte]))
    captured.end()
    assert text_of(recording.logs(), OUT) == "näh€\n"


def test_what_stands_for_single_bytes_is_shown_as_such(captured: Any, recording: Recording) -> None:
    """By what the stream makes of them; the output has what it would have."""
    stream: Any = sys.stdout
    stream.reconfigure(errors="surrogateescape")
    print("a\udcffb€")
    stream.reconfigure(errors="surrogatepass")
    print("\ud800")
    stream.reconfigure(errors="backslashreplace")
    print("\ud800")
    captured.end()
    assert text_of(recording.logs(), OUT) == "a\\xffb€\n\\xed\\xa0\\x80\n\\ud800\n"


def test_another_encoding_is_read_as_such(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are what the stream's encoding says they are."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("é")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\xe9\n")
    session.end()
    assert text_of(recording.logs(), OUT) == "é\né\n"


writes = st.lists(
    st.tuples(
        st.sampled_from(["text", "bytes", "print", "flush", "lines"]),
        st.sampled_from([OUT, ERR]),
        st.text(st.characters(codec="utf-8"), max_size=20),
    ),
    max_size=20,
)


@given(writes)
def test_what_is_captured_is_what_was_written(writes: list[tuple[str, LogSource, str]]) -> None:
    """Any writes to both streams, as text and as bytes, give their text, once and in order."""
    written = {OUT: "", ERR: ""}
    buffers = {OUT: io.BytesIO(), ERR: io.BytesIO()}
    with record(plugins=False, strict=True) as recording, contextlib.ExitStack() as stack:
        wrappers = {
            source: io.TextIOWrapper(buffer, encoding="utf-8", newline="") for source, buffer in buffers.items()
        }
        stack.enter_context(contextlib.redirect_stdout(wrappers[OUT]))
        stack.enter_context(contextlib.redirect_stderr(wrappers[ERR]))
        session = recording.manager.start("captured")
        session.start_log_capture()
        for kind, source, text in writes:
            stream, wrote = wrappers[source], text
            match kind:
                case "text":
                    assert stream.write(text) == len(text)
                case "bytes":
                    stream.flush()
                    assert stream.buffer.write(text.encode()) == len(text.encode())
                case "print":
                    print(text, file=stream)
                    wrote = f"{text}\n"
                case "lines":
                    stream.writelines([text, text])
                    wrote = text * 2
                case _:
                    stream.flush()
                    wrote = ""
            written[source] += wrote
        session.end()
        for source, stream in wrappers.items():
            stream.flush()
            assert buffers[source].getvalue().decode() == written[source]
        assert {source: text_of(recording.logs(), source) for source in written} == written


def test_a_failure_of_the_stream_is_the_streams_own(captured: Any, recording: Recording) -> None:
    """The very error, with the frames that it has without us, and nothing is captured that was not taken."""
    with pytest.raises(TypeError, match="argument must be str, not int") as wrong:
        sys.stdout.write(3)  # pyright: ignore[reportArgumentType] - on purpose
    assert [frame.name for frame in traceback.extract_tb(wrong.value.__traceback__)] == [
        "test_a_failure_of_the_stream_is_the_streams_own"
    ]
    sys.stdout.close()
    with pytest.raises(ValueError, match="I/O operation on closed file") as closed:
        print("lost")
    assert len(traceback.extract_tb(closed.value.__traceback__)) == 1
    captured.end()
    assert recording.logs() == []


def test_a_redirected_stream_takes_what_it_is_given(captured: Any, recording: Recording) -> None:
    """What the program writes to a text of its own is no output."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("kept")
    print("shown")
    captured.end()
    assert text.getvalue() == "kept\n"
    assert text_of(recording.logs(), OUT) == "shown\n"


class Tee:
    """A stream that a program puts in the place of another, and that writes to it."""

    def __init__(self, below: Any) -> None:
        self.below = below
        self.copy = ""

    def write(self, text: str) -> int:
        """Writes to both."""
        self.copy += text
        return self.below.write(text)

    def flush(self) -> None:
        """Flushes the one below."""
        self.below.flush()


def test_a_stream_put_over_ours_is_left_there(
    captured: Any, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes through it is captured once, even where a session starts meanwhile."""
    tee = Tee(sys.stdout)
    monkeypatch.setattr(sys, "stdout", tee)
    print("once")
    other = recording.manager.start("other")
    other.start_log_capture()
    print("and once")
    other.end()
    captured.end()
    assert sys.stdout is tee
    assert tee.copy == "once\nand once\n"
    assert text_of(recording.logs(), OUT) == "once\nand once\n"
    assert set(vars(tee)) == {"below", "copy"}


def test_a_method_put_over_ours_is_left_there(captured: Any, recording: Recording) -> None:
    """Ours below it goes inert, and works again for the next session."""
    stream: Any = sys.stdout
    ours = stream.write
    seen: list[str] = []

    def theirs(text: str) -> int:
        seen.append(text)
        return ours(text)

    stream.write = theirs
    print("first")
    captured.end()
    assert stream.write is theirs
    print("between")
    again = recording.manager.start("again")
    again.start_log_capture()
    print("second")
    again.end()
    assert "".join(seen) == "first\nbetween\nsecond\n"
    assert text_of(recording.logs(), OUT) == "first\nsecond\n"


def test_a_stream_whose_methods_cannot_be_covered_is_left_alone(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other is captured all the same; so it is where there is none at all."""

    class Bare:
        __slots__ = ()

        def write(self, text: str) -> int:
            return len(text)

    monkeypatch.setattr(sys, "stdout", Bare())
    monkeypatch.setattr(sys, "stderr", None)
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("nowhere")
    session.end()
    assert recording.logs() == []


def test_a_notebooks_stream_is_captured(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in Python, without a buffer, that hands on what it gets."""

    class OutStream(io.TextIOBase):
        encoding = "UTF-8"

        def __init__(self) -> None:
            self.sent: list[str] = []

        def write(self, string: str) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] - as there
            if not isinstance(string, str):  # pyright: ignore[reportUnnecessaryIsInstance] - as there
                raise TypeError(f"write() argument must be str, not {type(string)}")
            self.sent.append(string)
            return len(string)

    stream = OutStream()
    monkeypatch.setattr(sys, "stdout", stream)
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("in a cell")
    stream.write(string="by keyword\n")
    session.end()
    assert "".join(stream.sent) == text_of(recording.logs(), OUT) == "in a cell\nby keyword\n"
    assert "write" not in vars(stream)


def test_pytests_own_capture_has_everything(capsys: pytest.CaptureFixture[str], recording: Recording) -> None:
    """As before, and we have it too."""
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("for both")
    print("also", file=sys.stderr)
    session.end()
    assert capsys.readouterr() == ("for both\n", "also\n")
    assert [log.body for log in recording.logs()] == ["for both\n", "also\n"]


def test_pytests_capture_of_descriptors_has_everything(capfd: pytest.CaptureFixture[str], recording: Recording) -> None:
    """Likewise."""
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("for both")
    session.end()
    assert capfd.readouterr().out == "for both\n"
    assert [log.body for log in recording.logs()] == ["for both\n"]


class Chatty:
    """An object whose text is made by code that prints."""

    def __str__(self) -> str:
        """Prints."""
        print("inside")
        return "chatty"


def test_printing_while_printing_loses_nothing(captured: Any, recording: Recording) -> None:
    """`str()` is asked once, as ever."""
    print("before", Chatty())
    captured.end()
    assert text_of(recording.logs(), OUT) == "before inside\nchatty\n"


def test_a_signal_handler_may_print(captured: Any, recording: Recording) -> None:
    """In the middle of a print."""

    def handle(number: int, frame: object) -> None:
        print("from the handler")

    previous = signal.signal(signal.SIGUSR1, handle)
    try:
        for number in range(200):
            signal.raise_signal(signal.SIGUSR1)
            print("line", number)
    finally:
        signal.signal(signal.SIGUSR1, previous)
    captured.end()
    lines = text_of(recording.logs(), OUT).splitlines()
    assert lines.count("from the handler") == 200
    assert [line for line in lines if line.startswith("line")] == [f"line {number}" for number in range(200)]


def test_what_no_session_captures_is_not_captured(recording: Recording, streams: Streams) -> None:
    """One that is current and does not capture, and threads where no session is current and several live."""
    captured, other = recording.manager.start("captured"), recording.manager.make("other")
    captured.start_log_capture()
    print("captured")
    with other:
        print("not captured")
        thread = threading.Thread(target=lambda: print("nobody's"))
        thread.start()
        thread.join()
    captured.end()
    assert [log.body for log in recording.logs()] == ["captured\n"]


def test_a_thread_without_a_session_writes_into_the_default_one(recording: Recording, streams: Streams) -> None:
    """If that captures."""
    default = recording.manager.start("default")
    recording.manager.registry.default = default
    default.start_log_capture()
    thread = threading.Thread(target=lambda: print("from a thread"))
    thread.start()
    thread.join()
    default.end()
    assert [(log.body, log.session_id) for log in recording.logs()] == [("from a thread\n", str(default.session_id))]


def test_starting_and_stopping_may_be_said_twice(recording: Recording, streams: Streams) -> None:
    """And capture may go on after a pause."""
    session = recording.manager.start("captured")
    for text in ("one", "two"):
        session.start_log_capture()
        session.start_log_capture()
        print(text)
        session.stop_log_capture()
        session.stop_log_capture()
        print("unheard")
    session.end()
    session.start_log_capture()
    print("over")
    assert text_of(recording.logs(), OUT) == "one\ntwo\n"
    assert set(vars(streams[0])) <= {"mode"}


def test_flush_writes_down_what_is_begun(recording: Recording, streams: Streams) -> None:
    """Without waiting for its end."""
    from agentops.session.log_capture import LogCapture  # noqa: PLC0415 - as programs of its time do

    session = recording.manager.start("captured")
    capture = LogCapture(session)
    assert not capture.is_on
    capture.start()
    assert capture.is_on
    print("begun", end="")
    assert recording.logs() == []
    capture.flush()
    assert [log.body for log in recording.logs()] == ["begun"]
    capture.stop()
    assert not capture.is_on
    session.end()


def test_content_that_is_not_to_be_recorded_is_not(recording: Recording, streams: Streams) -> None:
    """Output is content."""
    recording.recorder.content = False
    session = recording.manager.start("captured")
    session.start_log_capture()
    print("secret")
    session.end()
    assert recording.logs() == []


def test_threads_do_not_mix_their_lines(captured: Any, recording: Recording) -> None:
    """Each line is whole, though print writes it in parts."""

    def work(number: int) -> None:
        session = captured
        session.resume()
        for count in range(200):
            print("thread", number, "line", count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    captured.end()
    lines = [log.body for log in recording.logs()]
    assert sorted(lines) == sorted(f"thread {number} line {count}\n" for number in range(8) for count in range(200))
