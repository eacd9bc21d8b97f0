"""What a recorder writes can be read, whoever else records at the same moment."""

from pathlib import Path

import pytest
from recording_samples import Writing

from agentops.domain.journal.frames import Template
from agentops.domain.spans import SpanKind
from agentops.recording.journal import Journal


def test_a_template_is_written_before_anybody_can_refer_to_it(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process may be killed while one thread writes it down and another has used it already."""
    writing = Writing(data_directory)
    recorder = writing.recorder
    define = Journal.define
    numbers: list[int] = []

    def interrupted(self: Journal, template: Template) -> None:
        if not numbers:
            numbers.append(template.id)
            numbers.append(recorder.template("another", SpanKind.TOOL).id)
            numbers.append(recorder.template("new", SpanKind.TOOL).id)
        define(self, template)

    monkeypatch.setattr(Journal, "define", interrupted)
    found = recorder.template("new", SpanKind.TOOL)
    assert len(set(numbers)) == 3
    assert found.id == numbers[2]
    writing.journal.close()
