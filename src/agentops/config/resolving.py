"""From what was written in four places to one configuration."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from agentops.config.parsing import UnreadableError
from agentops.config.settings import SETTINGS, Setting
from agentops.config.values import Config, Origin, Problem, Row
from agentops.errors import ConfigurationError

TABLE: Final = "tool.agentops"

_SHOWN: Final = 80
_TAIL: Final = 4
_DEFAULT: Final = Origin("default")
_CREDENTIALS: Final = r"(?<=://)[^/@\s]+(?=@)"


def resolve(
    arguments: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    pyproject: Path | None = None,
) -> Config:
    """The configuration that these sources come to.

    Args:
        arguments: by setting; None means not given.
        environ: the environment variables.
        pyproject: a pyproject.toml, see `find_pyproject`.

    Raises:
        ConfigurationError: if an argument is no setting or cannot be what it was given.
    """
    arguments, environ = arguments or {}, environ or {}
    for name in arguments:
        if not is_setting(name):
            raise ConfigurationError(advice_on(name))
    table, problems = _read(pyproject)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for setting in SETTINGS:
        origin, written = next(_written(setting, arguments, environ, table, pyproject), (_DEFAULT, None))
        origins[setting.field] = origin
        if origin is not _DEFAULT:
            try:
                values[setting.field] = setting.parse(written)
            except UnreadableError as error:
                problem = Problem(setting.field, origin, show(setting, written), str(error))
                if origin.kind == "argument":
                    raise ConfigurationError(str(problem)) from None
                problems.append(problem)
                origins[setting.field] = _DEFAULT
        if origins[setting.field] is _DEFAULT:
            values[setting.field] = setting.initial()
    return Config(**values, origins=origins, problems=tuple(problems))


def is_setting(name: str) -> bool:
    """Whether there is a setting of this name."""
    return name in _BY_FIELD


def advice_on(name: str) -> str:
    """What to say of a name that is no setting: so much, and which one was probably meant."""
    return f"{name!r} is no setting of agentops{_nearest(name)}"


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml in a folder or above it."""
    for folder in (start, *start.parents):
        candidate = folder / "pyproject.toml"
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder that may not be looked into
            return None
    return None


def otlp_requested(environ: Mapping[str, str], signal: str = "TRACES") -> bool:
    """Whether OpenTelemetry's own variables ask for a signal to be sent over OTLP: `TRACES`, `LOGS` or `METRICS`.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = {name.strip().lower() for name in environ.get(f"OTEL_{signal}_EXPORTER", "").split(",")} - {""}
    if exporters:
        return "otlp" in exporters
    return any(environ.get(f"OTEL_EXPORTER_OTLP_{name}", "").strip() for name in ("ENDPOINT", f"{signal}_ENDPOINT"))


def describe(config: Config) -> list[Row]:
    """Every setting with its value, secrets masked, and where it came from."""
    return [
        Row(
            setting.field,
            show(setting, getattr(config, setting.field)),
            str(config.origin(setting.field)),
            setting.about,
        )
        for setting in SETTINGS
    ]


def show(setting: Setting, value: Any) -> str:
    """A value as it may be shown: of a secret the end at most, nothing long, no passwords in addresses."""
    if value is None:
        return "-"
    text = ", ".join(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else str(value)
    if setting.is_secret:
        return f"…{text[-_TAIL:]}" if len(text) > 2 * _TAIL else "…"
    text = re.sub(_CREDENTIALS, "…", text)
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text


_BY_FIELD: Final = {setting.field: setting for setting in SETTINGS}


def _written(
    setting: Setting,
    arguments: Mapping[str, Any],
    environ: Mapping[str, str],
    table: Mapping[str, Any],
    pyproject: Path | None,
) -> Iterator[tuple[Origin, Any]]:
    """What the sources say of a setting, the weightiest first."""
    field = setting.field
    if arguments.get(field) is not None:
        yield Origin("argument", field), arguments[field]
    for name in setting.names:
        value = environ.get(name)
        if value is not None and (value.strip() or setting.blank):
            yield Origin("environment", name), value
    if field in table:
        yield Origin("pyproject", f"[{TABLE}] in {pyproject}"), table[field]


def _read(pyproject: Path | None) -> tuple[Mapping[str, Any], list[Problem]]:
    """The table of agentops in a pyproject.toml, without what it does not know."""
    if pyproject is None:
        return {}, []
    import tomllib  # noqa: PLC0415 - takes 5 ms, and only those with a pyproject.toml need it

    origin = Origin("pyproject", str(pyproject))
    try:
        content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {}, [Problem("pyproject.toml", origin, "unreadable", f"mend it, nothing was taken from it: {error}")]
    tools: Any = content.get("tool")
    table: Any = cast("dict[str, Any]", tools).get("agentops", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        return {}, [Problem(TABLE, origin, str(table)[:_SHOWN], f"write a table, [{TABLE}]")]
    known = cast("dict[str, Any]", table)
    problems = [
        Problem(name, origin, str(value)[:_SHOWN], f"remove it, it is no setting of agentops{_nearest(name)}")
        for name, value in known.items()
        if name not in _BY_FIELD
    ]
    return {name: value for name, value in known.items() if name in _BY_FIELD}, problems


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - takes 3 ms, and only those who misspell need it

    close = get_close_matches(name, _BY_FIELD, 1)
    return f"; did you mean {close[0]!r}?" if close else ""
