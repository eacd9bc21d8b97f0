"""Lines are put together, cut where they are too long, and lose nothing else."""

import threading
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentops.domain.spans import LogSource
from agentops.session.lines import LIMIT, Begun, Lines, is_old, pieces

OUT = LogSource.STDOUT


class Kept:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.time = 0
        self.records: list[tuple[str | None, int, str]] = []

    def now(self) -> int:
        """Ticks."""
        self.time += 1
        return self.time

    def keep(self, source: LogSource, span_id: str | None, time: int, text: str) -> None:
        """Remembers."""
        self.records.append((span_id, time, text))

    @property
    def texts(self) -> list[str]:
        """What was kept, by when it was written."""
        return [text for _, _, text in sorted(self.records, key=lambda record: record[1])]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text("xy\n\r", max_size=6))))
def test_what_is_kept_is_what_was_written(writes: list[tuple[str, str]]) -> None:
    """In order, whatever spans were current; a record ends with a line, unless somebody else went on with it."""
    kept, lines = Kept(), Lines(OUT)
    for span_id, text in writes:
        lines.add(kept, span_id, text)
    lines.flush()
    assert "".join(kept.texts) == "".join(text for _, text in writes)
    by_span = {span: "".join(text for name, text in writes if name == span) for span in "ab"}
    for span, text in by_span.items():
        assert "".join(body for name, _, body in kept.records if name == span) == text


def test_partial_lines_are_joined() -> None:
    """With the time of their beginning."""
    kept, lines = Kept(), Lines(OUT)
    for text in ("a", "b", "c\nd", "e\n", "f"):
        lines.add(kept, None, text)
    assert kept.records == [(None, 1, "abc\n"), (None, 2, "de\n")]
    lines.flush()
    assert kept.records[2:] == [(None, 3, "f")]


def test_lines_written_at_once_stay_together() -> None:
    """One record, and what is begun behind them waits."""
    kept, lines = Kept(), Lines(OUT)
    lines.add(kept, None, "a\nb\nc\nd")
    assert kept.texts == ["a\nb\nc\n"]


def test_a_line_of_another_session_is_another_line() -> None:
    """What the first began is kept when the second goes on."""
    one, other, lines = Kept(), Kept(), Lines(OUT)
    lines.add(one, None, "a")
    lines.add(other, None, "b\n")
    assert (one.texts, other.texts) == (["a"], ["b\n"])


def test_threads_have_lines_of_their_own() -> None:
    """Parts of lines that different threads write at the same time are not mixed."""
    kept, lines = Kept(), Lines(OUT)
    lines.add(kept, None, "mi")
    thread = threading.Thread(target=lambda: (lines.add(kept, None, "the"), lines.add(kept, None, "irs\n")))
    thread.start()
    thread.join()
    lines.add(kept, None, "ne\n")
    assert sorted(kept.texts) == ["mine\n", "theirs\n"]


@pytest.mark.parametrize("number", range(1, 8))
def test_what_interrupts_loses_nothing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler that writes at any point of the work of a line leaves both whole."""
    kept, lines = Kept(), Lines(OUT)
    calls = 0
    now = kept.now

    def interrupting() -> int:
        nonlocal calls
        calls += 1
        if calls == number:
            lines.add(kept, None, "handler\n" if number % 2 else "handler")
        return now()

    monkeypatch.setattr(kept, "now", interrupting)
    for text in ("a", "b\n", "c", "d\ne", "f\n", "g"):
        lines.add(kept, None, text)
    lines.flush()
    written = "".join(text for _, _, text in kept.records)
    assert sorted(written.replace("handler", "").replace("\n", "")) == list("abcdefg")
    assert written.count("handler") == (1 if calls >= number else 0)


def test_only_old_lines_are_not_waited_for() -> None:
    """A second after they began."""
    kept, lines = Kept(), Lines(OUT)
    lines.add(kept, None, "old")
    lines.flush(is_old)
    assert kept.texts == []
    kept.time += 1_000_000_001
    lines.flush(is_old)
    assert kept.texts == ["old"]


def test_what_is_begun_can_be_forgotten() -> None:
    """In a forked child it is the parent's."""
    kept, lines = Kept(), Lines(OUT)
    lines.add(kept, None, "the parent's")
    lines.forget()
    lines.add(kept, None, "mine\n")
    assert kept.texts == ["mine\n"]


@pytest.mark.parametrize("at", [[], [9], [9, LIMIT, LIMIT + 1000]])
def test_a_long_line_is_cut_with_a_mark(at: list[int]) -> None:
    """Whether it comes at once or in parts; those around it stay."""
    kept, lines = Kept(), Lines(OUT)
    text = "x" * (LIMIT + 1000) + "\n"
    lines.add(kept, None, "before\n")
    for start, end in pairwise([0, *at, len(text)]):
        lines.add(kept, None, text[start:end])
    lines.add(kept, None, "after\n")
    before, cut, after = kept.texts
    assert (before, after) == ("before\n", "after\n")
    assert cut == "x" * LIMIT + "… [1000 characters cut]\n"


def test_what_never_ends_is_bounded() -> None:
    """Memory does not grow with a line that goes on for ever."""
    kept = Kept()
    begun = Begun(kept, None)
    for _ in range(10_000):
        begun.take("x" * 100)
    assert sum(map(len, begun.parts)) <= LIMIT + 100
    assert begun.size + begun.cut == 1_000_000


@given(st.lists(st.integers(0, LIMIT - 1), max_size=6))
@example([LIMIT - 1, LIMIT - 1])
def test_large_text_comes_in_pieces_of_whole_lines(sizes: list[int]) -> None:
    """Each of them bounded, and nothing is lost where no line is too long."""
    text = "".join("x" * size + "\n" for size in sizes)
    found = list(pieces(text))
    assert "".join(found) == text
    assert all(len(piece) <= LIMIT and piece.endswith("\n") for piece in found)
