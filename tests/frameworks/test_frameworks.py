"""Every framework's program is recorded whole: each model call once, and the program notices nothing."""

import os
from pathlib import Path

import pytest
from laboratory import Framework, frameworks, run


@pytest.mark.parametrize("framework", frameworks(), ids=lambda framework: framework.program)
def test_a_program_is_seen_whole_and_once(framework: Framework, tmp_path: Path) -> None:
    """Agents, tools, the failure and the model calls stand as in the tree that is written down.

    Model calls and tokens are those that the provider counted; exit code and output are those without agentops.
    """
    if framework.missing:
        pytest.skip(f"needs {', '.join(framework.missing)}: make matrix ARGS={framework.program}")
    plain = run(framework, tmp_path / "plain", recorded=False)
    seen = run(framework, tmp_path / "recorded")
    assert (seen.code, seen.out) == (plain.code, plain.out), seen.err
    assert plain.code == 0, plain.err
    assert (seen.ledger.calls, seen.ledger.tokens) == (plain.ledger.calls, plain.ledger.tokens)
    assert seen.counted == (seen.ledger.calls, seen.ledger.tokens), seen.tree
    if os.environ.get("WRITE_TREES"):
        framework.tree.write_text(seen.tree, encoding="utf-8")
    assert seen.tree == framework.tree.read_text(encoding="utf-8"), seen.err
