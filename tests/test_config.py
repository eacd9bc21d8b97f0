"""Settings: argument over environment over pyproject over default, each with its origin, wrong ones explained."""

import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.config import Config, Origin, Problem, describe, find_pyproject, otlp_requested, resolve
from agentops.config.redaction import Redaction
from agentops.config.settings import SETTINGS
from agentops.errors import ConfigurationError

VARIABLES = [name for setting in SETTINGS for name in setting.names]


def pyproject(folder: Path, text: str) -> Path:
    """A pyproject.toml with this table of agentops."""
    path = folder / "pyproject.toml"
    path.write_text(f"[project]\nname = 'x'\n[tool.agentops]\n{text}\n", encoding="utf-8")
    return path


def test_nothing_said_gives_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without any source every setting has its default, and says so."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    config = resolve()
    values = {setting.field: getattr(config, setting.field) for setting in SETTINGS}
    assert config.directory.is_relative_to(tmp_path)
    assert config.directory.name == "agentops"
    assert values | {"directory": None} == {
        "api_key": None,
        "parent_key": None,
        "endpoint": None,
        "app_url": None,
        "directory": None,
        "default_tags": (),
        "trace_name": None,
        "auto_start_session": True,
        "auto_init": True,
        "skip_auto_end_session": False,
        "instrument_llm_calls": True,
        "instrument": (),
        "env_data_opt_out": False,
        "log_level": "INFO",
        "max_wait_time": 5000,
        "max_queue_size": 512,
        "export_flush_interval": 1000,
        "exit_timeout": 2.0,
        "journal_limit": 268_435_456,
        "local_store": True,
        "console": False,
        "retention_days": None,
        "load_plugins": None,
        "disable_plugins": (),
        "trace_plugins": False,
        "prices": {},
        "enabled": True,
        "content": "full",
        "capture_content": True,
        "redact": Redaction(),
        "capture_logs": False,
    }
    assert set(config.origins.values()) == {Origin("default")}
    assert config.problems == ()


def test_the_weightiest_source_wins_and_is_remembered(tmp_path: Path) -> None:
    """Argument over environment over pyproject over default, each value with the name of what set it."""
    path = pyproject(tmp_path, 'trace_name = "file"\ndefault_tags = ["file"]\nconsole = true\nmax_queue_size = 7')
    environ = {"AGENTOPS_TRACE_NAME": "env", "AGENTOPS_DEFAULT_TAGS": "env, other,env", "AGENTOPS_DIR": "/data"}
    config = resolve({"trace_name": "argument", "default_tags": None}, environ, path)
    found = {
        field: (getattr(config, field), str(config.origin(field)))
        for field in ("trace_name", "default_tags", "console", "max_queue_size", "directory", "enabled")
    }
    assert found == {
        "trace_name": ("argument", "argument trace_name"),
        "default_tags": (("env", "other"), "environment AGENTOPS_DEFAULT_TAGS"),
        "console": (True, f"pyproject [tool.agentops] in {path}"),
        "max_queue_size": (7, f"pyproject [tool.agentops] in {path}"),
        "directory": (Path("/data"), "environment AGENTOPS_DIR"),
        "enabled": (True, "default"),
    }
    assert config.problems == ()


@pytest.mark.parametrize(
    ("variable", "text", "field", "expected"),
    [
        ("AGENTOPS_API_KEY", "  key  ", "api_key", "key"),
        ("AGENTOPS_API_ENDPOINT", "http://localhost:8000/", "endpoint", "http://localhost:8000"),
        ("AGENTOPS_DIR", "~/runs", "directory", Path.home() / "runs"),
        ("AGENTOPS_DEFAULT_TAGS", "a,,b , a", "default_tags", ("a", "b")),
        ("AGENTOPS_AUTO_START_SESSION", "FALSE", "auto_start_session", False),
        ("AGENTOPS_AUTO_INIT", "0", "auto_init", False),
        ("AGENTOPS_SKIP_AUTO_END_SESSION", "yes", "skip_auto_end_session", True),
        ("AGENTOPS_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("AGENTOPS_LOGGING_LEVEL", "30", "log_level", "WARNING"),
        ("AGENTOPS_MAX_WAIT_TIME", "0", "max_wait_time", 0),
        ("AGENTOPS_EXPORT_FLUSH_INTERVAL", "250", "export_flush_interval", 250),
        ("AGENTOPS_EXIT_TIMEOUT", "0.5", "exit_timeout", 0.5),
        ("AGENTOPS_JOURNAL_LIMIT", "64 MiB", "journal_limit", 67_108_864),
        ("AGENTOPS_JOURNAL_LIMIT", "1.5GB", "journal_limit", 1_500_000_000),
        ("AGENTOPS_JOURNAL_LIMIT", "4096", "journal_limit", 4096),
        ("AGENTOPS_RETENTION_DAYS", "30", "retention_days", 30.0),
        ("AGENTOPS_RETENTION_DAYS", "never", "retention_days", None),
        ("AGENTOPS_LOAD_PLUGINS", "openai, groq", "load_plugins", ("openai", "groq")),
        ("AGENTOPS_LOAD_PLUGINS", "", "load_plugins", ()),
        ("AGENTOPS_DISABLE_PLUGINS", "redis, subprocess", "disable_plugins", ("redis", "subprocess")),
        ("AGENTOPS_TRACE_PLUGINS", "on", "trace_plugins", True),
        ("AGENTOPS_PRICES", '{"m": {"input": "1.5", "output": 2}}', "prices", {"m": {"input": 1.5, "output": 2.0}}),
        ("AGENTOPS_ENABLED", "off", "enabled", False),
        ("AGENTOPS_CAPTURE_CONTENT", "no", "capture_content", False),
        ("AGENTOPS_TRACE_NAME", " ", "trace_name", None),
    ],
)
def test_a_variable_is_read_as_its_setting_is_meant(variable: str, text: str, field: str, expected: object) -> None:
    """Text becomes the value of the setting; a blank variable says nothing, except for the list of plugins."""
    config = resolve({}, {"AGENTOPS_DIR": "/d", variable: text})
    assert getattr(config, field) == expected
    assert config.problems == ()


def test_the_newer_name_of_a_variable_wins() -> None:
    """Of two names for one setting the first is asked first."""
    environ = {"AGENTOPS_DIR": "/d", "AGENTOPS_LOGGING_LEVEL": "ERROR", "AGENTOPS_LOG_LEVEL": "DEBUG"}
    assert resolve({}, environ).log_level == "DEBUG"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("api_key", uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("default_tags", {"a"}, ("a",)),
        ("default_tags", "a,b", ("a", "b")),
        ("directory", Path("/x"), Path("/x")),
        ("log_level", 10, "DEBUG"),
        ("auto_start_session", False, False),
        ("retention_days", 1, 1.0),
        ("load_plugins", [], ()),
        ("journal_limit", 1024, 1024),
        ("prices", {"m": {"input": 1}}, {"m": {"input": 1.0}}),
    ],
)
def test_an_argument_may_be_of_the_type_that_fits(field: str, value: object, expected: object) -> None:
    """Arguments are values, not text."""
    config = resolve({field: value}, {"AGENTOPS_DIR": "/d"})
    assert (getattr(config, field), config.origin(field)) == (expected, Origin("argument", field))


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("endpoint", "localhost:8000", "pass an address such as http://localhost:8000"),
        ("api_key", 7, "pass text"),
        ("directory", "", "pass the path of a folder"),
        ("default_tags", 7, "pass a list, or words with commas between them"),
        ("default_tags", ["a", 7], "pass a list of texts"),
        ("auto_start_session", "maybe", "pass true or false"),
        ("log_level", "LOUD", "pass one of CRITICAL, ERROR, WARNING, INFO, DEBUG"),
        ("max_queue_size", 0, "pass a whole number from 1 up"),
        ("max_queue_size", "many", "pass a whole number from 1 up"),
        ("max_wait_time", 1.5, "pass a whole number from 0 up"),
        ("max_wait_time", True, "pass a whole number from 0 up"),
        ("exit_timeout", -1, "pass a number of seconds from 0 up"),
        ("exit_timeout", float("nan"), "pass a number of seconds from 0 up"),
        ("journal_limit", "huge", "pass a number of bytes, or a size such as 256MiB"),
        ("retention_days", 0, "pass a number of days above 0, or leave it out to keep everything"),
    ],
)
def test_a_wrong_argument_raises_and_says_what_to_pass(field: str, value: object, advice: str) -> None:
    """The error names the setting, the value, the argument, and what to do."""
    with pytest.raises(ConfigurationError) as caught:
        resolve({field: value}, {"AGENTOPS_DIR": "/d"})
    assert str(caught.value).startswith(f"{field} = ")
    assert str(caught.value).endswith(f"(argument {field}): {advice}")


@pytest.mark.parametrize(
    "prices", ["[]", "{", {"m": {}}, {"m": 3}, {"m": {"prompt": 1}}, {"m": {"input": -1}}, {"m": {"input": "x"}}, 7]
)
def test_prices_that_cannot_be_are_explained(prices: object) -> None:
    """Prices are a mapping of models to prices of known kinds of tokens from 0 up."""
    with pytest.raises(ConfigurationError, match=r"USD per million tokens"):
        resolve({"prices": prices}, {"AGENTOPS_DIR": "/d"})


def test_an_unknown_argument_raises_and_names_the_nearest() -> None:
    """A misspelt setting is told apart from a missing one."""
    with pytest.raises(ConfigurationError, match=r"'defualt_tags' is no setting .* did you mean 'default_tags'\?"):
        resolve({"defualt_tags": []})
    with pytest.raises(ConfigurationError, match=r"^'zzz' is no setting of agentops$"):
        resolve({"zzz": 1})


def test_a_wrong_variable_is_a_problem_and_the_default_stays(tmp_path: Path) -> None:
    """No program fails over its environment: the default is used, and what is wrong is kept with what to do."""
    path = pyproject(tmp_path, 'max_queue_size = "lots"\nexport_flush_intervall = 5')
    config = resolve({}, {"AGENTOPS_DIR": "/d", "AGENTOPS_ENABLED": "perhaps"}, path)
    assert (config.enabled, config.max_queue_size) == (True, 512)
    assert config.origin("enabled") == Origin("default")
    assert config.problems == (
        Problem(
            "export_flush_intervall",
            Origin("pyproject", str(path)),
            "5",
            "remove it, it is no setting of agentops; did you mean 'export_flush_interval'?",
        ),
        Problem(
            "max_queue_size",
            Origin("pyproject", f"[tool.agentops] in {path}"),
            "lots",
            "pass a whole number from 1 up",
        ),
        Problem("enabled", Origin("environment", "AGENTOPS_ENABLED"), "perhaps", "pass true or false"),
    )
    assert str(config.problems[-1]) == "enabled = perhaps (environment AGENTOPS_ENABLED): pass true or false"


@pytest.mark.parametrize("text", ["[tool.agentops\n", "[tool]\nagentops = 3\n", "tool = 3\n", "\xff"])
def test_a_broken_pyproject_breaks_nothing(tmp_path: Path, text: str) -> None:
    """A pyproject.toml that cannot be read, or has no table of ours, leaves the defaults."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(text.encode("latin-1"))
    config = resolve({}, {"AGENTOPS_DIR": "/d"}, path)
    assert config.max_queue_size == 512
    assert len(config.problems) == (0 if text == "tool = 3\n" else 1)
    assert resolve({}, {"AGENTOPS_DIR": "/d"}, tmp_path / "missing.toml").problems[0].value == "unreadable"


def test_prices_in_pyproject_are_tables(tmp_path: Path) -> None:
    """The prices of a model stand in a table of their own."""
    path = pyproject(tmp_path, '[tool.agentops.prices."openai:my-model"]\ninput = 1\noutput = 4.5')
    assert resolve({}, {"AGENTOPS_DIR": "/d"}, path).prices == {"openai:my-model": {"input": 1.0, "output": 4.5}}


@given(st.dictionaries(st.sampled_from(VARIABLES), st.text()))
def test_no_environment_makes_it_raise(environ: dict[str, str]) -> None:
    """Whatever the variables hold, there is a configuration, and every setting is valid or a problem."""
    config = resolve({}, {"AGENTOPS_DIR": "/d"} | environ)
    bad = {problem.setting for problem in config.problems}
    assert all(config.origin(field).kind == "default" for field in bad)
    assert isinstance(config, Config)


def test_the_nearest_pyproject_is_found(tmp_path: Path) -> None:
    """The folder itself is asked first, then those above it."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    outer = pyproject(tmp_path, "")
    assert find_pyproject(inner) == outer
    assert find_pyproject(inner.parent) == outer
    nearer = pyproject(inner, "")
    assert find_pyproject(inner) == nearer


def test_secrets_are_never_shown() -> None:
    """Of a key the last four characters at most; no password of an address; no value in the repr."""
    environ = {"AGENTOPS_DIR": "/d", "AGENTOPS_API_KEY": "aaaabbbbcccc", "AGENTOPS_API_ENDPOINT": "https://u:pw@host/x"}
    config = resolve({}, environ)
    rows = {row.setting: (row.value, row.origin) for row in describe(config)}
    assert rows["api_key"] == ("…cccc", "environment AGENTOPS_API_KEY")
    assert rows["endpoint"] == ("https://…@host/x", "environment AGENTOPS_API_ENDPOINT")
    assert repr(config) == (
        "Config(api_key from environment AGENTOPS_API_KEY, endpoint from environment AGENTOPS_API_ENDPOINT, "
        "directory from environment AGENTOPS_DIR)"
    )
    short = resolve({"api_key": "secret"}, environ)
    assert {row.setting: row.value for row in describe(short)}["api_key"] == "…"
    with pytest.raises(ConfigurationError) as caught:
        resolve({"api_key": ["secret-key-1234"]})
    assert "secret" not in str(caught.value)


def test_every_setting_is_described() -> None:
    """`doctor` has a row for every setting, in the order of the configuration."""
    rows = describe(resolve({}, {"AGENTOPS_DIR": "/d", "AGENTOPS_LOAD_PLUGINS": ""}))
    assert [row.setting for row in rows] == [
        field for field in Config.__struct_fields__ if field not in ("origins", "problems")
    ]
    assert all(row.about for row in rows)
    assert {row.setting: row.value for row in rows}["directory"] == "/d"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://h"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://h"}, False),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://h"}, False),
    ],
)
def test_otlp_is_sent_when_opentelemetrys_variables_ask(environ: dict[str, str], expected: Any) -> None:
    """An endpoint or an exporter for traces asks; a disabled SDK and another exporter do not."""
    assert otlp_requested(environ) is expected


def test_importing_it_loads_nothing_heavy() -> None:
    """Neither platformdirs nor a TOML parser nor difflib is imported before somebody needs them."""
    heavy = "{'platformdirs', 'tomllib', 'difflib', 'dataclasses'}"
    found = [
        subprocess.run(
            [sys.executable, "-c", f"import sys, {module}; print(sorted({heavy} & {{*sys.modules}}))"],
            capture_output=True,
            check=True,
        ).stdout
        for module in ("agentops.config", "msgspec")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Redaction()),
        ("off", Redaction(defaults=False)),
        (r"\bACME-\d+", Redaction(rules=(re.compile(r"\bACME-\d+"),))),
        ('["a+", "b"]', Redaction(rules=(re.compile("a+"), re.compile("b")))),
        ("[ab]+", Redaction(rules=(re.compile("[ab]+"),))),
        ([False, str.upper, re.compile("x")], Redaction(defaults=False, rules=(str.upper, re.compile("x")))),
        (Redaction(defaults=False), Redaction(defaults=False)),
    ],
)
def test_redaction_is_set_in_many_ways(value: Any, expected: Redaction) -> None:
    """A switch, a pattern, a function, or several of them, as argument or as text."""
    assert resolve({"redact": value}).redact == expected
    if isinstance(value, str):
        assert resolve({}, {"AGENTOPS_REDACT": value}).redact == expected


@pytest.mark.parametrize("value", [7, "(", [None], re.compile(b"x"), ""])
def test_a_rule_that_cannot_be_is_explained(value: Any) -> None:
    """What a rule may be is said."""
    with pytest.raises(ConfigurationError, match="a regular expression, a function"):
        resolve({"redact": value})


def test_rules_are_counted_and_not_shown() -> None:
    """A rule may tell of what it hides."""
    assert str(Redaction(rules=(re.compile("hidden"),))) == "True, 1 own"


def test_how_much_of_contents_is_recorded_is_one_of_three() -> None:
    """In any case of letters; anything else is explained."""
    assert resolve({}, {"AGENTOPS_CONTENT": "Redacted"}).content == "redacted"
    with pytest.raises(ConfigurationError, match="pass full, redacted or none"):
        resolve({"content": "some"})
