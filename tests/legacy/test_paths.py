"""Modules of AgentOps 0.3 and 0.4 are found by their former names, in whatever way agentops is installed."""

import importlib
import json
import pickle
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import agentops
from agentops.domain.events import LLMEvent
from agentops.errors import AgentOpsError

SOURCE = Path(agentops.__file__).parent
FORMER = SOURCE / "legacy" / "paths"
OPTIONAL = "agentops.integration.callbacks.dspy"


def former_modules() -> list[str]:
    """The former names of the modules in the folder, but those that need a library which is not installed."""
    found: list[str] = []
    for path in sorted(FORMER.rglob("*.py")):
        parts = path.relative_to(FORMER).with_suffix("").parts
        name = ".".join(("agentops", *(part for part in parts if part != "__init__")))
        if name != "agentops" and not name.startswith(OPTIONAL):
            found.append(name)
    return found


def former(module: str, name: str) -> Any:
    """What a former module has under a name."""
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("name", former_modules())
def test_a_former_module_is_found(name: str) -> None:
    """`import` of the former name gives the module, which says what it is and offers what it lists."""
    module = importlib.import_module(name)
    assert module.__doc__
    for offered in getattr(module, "__all__", ()):
        assert getattr(module, offered, None) is not None


def test_no_former_name_covers_a_present_one() -> None:
    """What agentops has itself is not among the former modules."""
    present = {path.stem for path in SOURCE.iterdir()} - {"__pycache__", "__init__"}
    assert present & {path.stem for path in FORMER.iterdir()} - {"__pycache__", "__init__"} == set()


def test_events_are_the_same_everywhere() -> None:
    """A class that several modules name is one class, and pickles under the name it has now."""
    for module in ("agentops", "agentops.event", "agentops.legacy", "agentops.legacy.event"):
        assert former(module, "LLMEvent") is LLMEvent
    event = LLMEvent(prompt="Why?", completion="Because.")
    assert pickle.loads(pickle.dumps(event)) == event


def test_what_is_defined_in_a_former_module_pickles() -> None:
    """Members of former enums survive pickling."""
    kind = former("agentops.semconv", "LLMRequestTypeValues").CHAT
    assert pickle.loads(pickle.dumps(kind)) is kind


def test_a_zip_file_serves_as_well(tmp_path: Path) -> None:
    """Imported from a zip file, agentops finds its former modules in there."""
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in SOURCE.rglob("*.py"):
            packed.write(path, Path("agentops") / path.relative_to(SOURCE))
    program = (
        "import agentops.event, agentops.semconv as s; print(agentops.event.__file__, s.SpanAttributes.LLM_SYSTEM)"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(archive)!r}); {program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(archive / "agentops" / "legacy" / "paths" / "event.py"), "gen_ai.system"]


def test_handlers_are_absent_where_their_library_is() -> None:
    """Without langchain-core there are no handlers for it, and nothing else is different."""
    program = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "langchain_core":
            raise ModuleNotFoundError("No module named 'langchain_core'", name="langchain_core")

sys.meta_path.insert(0, Missing())
import agentops
print(hasattr(agentops, "LangchainCallbackHandler"), hasattr(agentops, "SpanAttributes"))
try:
    from agentops import LangchainCallbackHandler
except ImportError as error:
    print(error.name)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "agentops"]


def test_asking_for_agentops_imports_no_framework() -> None:
    """Neither LangChain nor DSPy is imported before a handler for it is asked for."""
    program = "import sys, agentops; agentops.init(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"langchain_core", "dspy", "autogen", "agentops.semconv"} & set(done.stdout.split()) == set()


def test_former_exceptions_are_errors_of_agentops() -> None:
    """They can be raised as before, with and without a message, and caught as any error of agentops."""
    for name in ("MultiSessionException", "NoSessionException", "NoApiKeyException", "ApiServerException"):
        raised = former("agentops.exceptions", name)
        assert issubclass(raised, AgentOpsError)
        assert str(raised("no")) == "no"
        assert str(raised())
    assert "0000" in str(former("agentops.exceptions", "InvalidApiKeyException")("0000-1111", "http://x.invalid"))
    assert issubclass(former("agentops.exceptions", "AgentOpsClientNotInitializedException"), RuntimeError)


def test_singletons_are_made_once() -> None:
    """The former decorator gives one object, another on request, and a new one after all were forgotten."""
    conditional, clear = (former("agentops.singleton", name) for name in ("conditional_singleton", "clear_singletons"))
    make = conditional(list)
    first = make()
    assert make() is first
    assert make(use_singleton=False) is not first
    clear()
    assert make() is not first
    clear()


def test_values_become_json_as_they_did() -> None:
    """Texts stay, the rest is written as JSON; what has no JSON form is left out where that is asked for."""
    helpers = importlib.import_module("agentops.helpers")
    assert helpers.safe_serialize('{"a": 1}') == '{"a": 1}'
    assert json.loads(helpers.safe_serialize({"id": UUID(int=1), "cost": Decimal("0.1")})) == {
        "id": str(UUID(int=1)),
        "cost": "0.1",
    }
    assert json.dumps({"id": UUID(int=1)}, cls=helpers.AgentOpsJSONEncoder) == f'{{"id": "{UUID(int=1)}"}}'
    assert helpers.filter_unjsonable({"a": [1, object()], "id": UUID(int=1)}) == {"a": [1, ""], "id": str(UUID(int=1))}
    assert (helpers.is_jsonable([1]), helpers.is_jsonable({1, 2})) == (True, False)


def test_environment_variables_are_read_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switches, numbers and lists, each with a default."""
    env = importlib.import_module("agentops.helpers.env")
    for value, expected in (("true", True), ("Yes", True), ("1", True), ("no", False), ("0", False)):
        monkeypatch.setenv("A_SWITCH", value)
        assert env.get_env_bool("A_SWITCH", not expected) is expected
    monkeypatch.setenv("A_NUMBER", "twelve")
    assert (env.get_env_int("A_NUMBER", 3), env.get_env_int("NO_NUMBER", 4)) == (3, 4)
    monkeypatch.setenv("A_LIST", "a,b")
    assert (env.get_env_list("A_LIST"), env.get_env_list("NO_LIST", ["c"])) == ({"a", "b"}, {"c"})
    assert env.get_env_bool("NO_SWITCH", default=True) is True


def test_what_is_deprecated_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A deprecated function works, and warns at its first call."""

    @former("agentops.helpers.deprecation", "deprecated")("Use another one.")
    def a_function_that_goes_away() -> int:
        return 1

    agentops.init()
    assert a_function_that_goes_away() + a_function_that_goes_away() == 2
    assert capsys.readouterr().err.count("a_function_that_goes_away() is deprecated. Use another one.") == 1
