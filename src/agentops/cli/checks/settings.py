"""The settings, and what in the environment works against them."""

import os
from collections.abc import Iterator, Mapping

from agentops.cli.checks.finding import Finding, broken, note, warning
from agentops.config import Config, otlp_requested
from agentops.delivery.otlp import PROTOCOLS
from agentops.instrumentation.imports import is_findable
from agentops.plugins.borrowed import find_instrumentors
from agentops.plugins.discovery import find_entry_points, is_called


def check_settings(config: Config, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Findings about settings that could not be read, switch recording off or contradict each other."""
    for problem in config.problems:
        yield broken(
            f"{problem.setting} = {problem.value} ({problem.origin}) cannot be read", _sentence(problem.advice)
        )
    yield from _switched_off(config)
    yield from _left_out(config)
    yield from _borrowed(config)
    yield from _going_nowhere(config, environ)
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        yield warning(
            "OTEL_SDK_DISABLED is true: nothing goes out over OTLP, and spans of other instrumentations are not seen",
            "Unset OTEL_SDK_DISABLED.",
        )
    if otlp_requested(environ):
        yield from _check_exporter(environ)


def _switched_off(config: Config) -> Iterator[Finding]:
    def origin(setting: str) -> str:
        return str(config.origin(setting))

    if not config.enabled:
        yield warning(f"recording is switched off ({origin('enabled')})", "Set enabled (AGENTOPS_ENABLED) to true.")
    if not config.instrument_llm_calls:
        yield warning(
            f"libraries are not observed ({origin('instrument_llm_calls')})",
            "Set instrument_llm_calls (AGENTOPS_INSTRUMENT_LLM_CALLS) to true.",
        )
    if config.load_plugins == ():
        yield warning(
            f"no plugin is loaded ({origin('load_plugins')})",
            "Unset load_plugins (AGENTOPS_LOAD_PLUGINS) to load all that are installed.",
        )
    if not config.capture_content or config.content == "none":
        setting = "content" if config.capture_content else "capture_content"
        yield note(f"messages, inputs and outputs are not recorded ({setting}: {origin(setting)})")
    elif config.content == "redacted":
        yield note(f"messages, inputs and outputs are masked ({origin('content')})")
    if not config.redact.defaults:
        yield warning(
            f"secrets are recorded as they come ({origin('redact')})",
            "Leave redact (AGENTOPS_REDACT) at true unless nothing that is recorded can hold one.",
        )


def _left_out(config: Config) -> Iterator[Finding]:
    announced = list(find_entry_points()) if config.disable_plugins else []
    origin = config.origin("disable_plugins")
    unknown = [name for name in config.disable_plugins if not any(is_called(each, {name}) for each in announced)]
    for name in unknown:
        yield warning(
            f"no plugin is named {name!r}, so none is left out for it ({origin})",
            "Correct disable_plugins (AGENTOPS_DISABLE_PLUGINS); `agentops plugins --json` names them.",
        )
    if left_out := [name for name in config.disable_plugins if name not in unknown]:
        yield note(f"not observed: {', '.join(left_out)} ({origin})")


def _borrowed(config: Config) -> Iterator[Finding]:
    installed = find_instrumentors() if config.instrument else {}
    for name in config.instrument:
        if name not in installed:
            yield broken(
                f"no OpenTelemetry instrumentation is named {name!r} ({config.origin('instrument')})",
                f"Install it (`pip install opentelemetry-instrumentation-{name}`), or correct instrument "
                f"(AGENTOPS_INSTRUMENT); there are {', '.join(sorted(installed)) or 'none'}.",
            )


def _going_nowhere(config: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    if not config.local_store and config.endpoint is None and not otlp_requested(environ):
        yield broken(
            f"what is recorded goes nowhere: the local store is off ({config.origin('local_store')}), no collector set",
            "Set local_store (AGENTOPS_LOCAL_STORE) to true, or name a collector or an OTLP endpoint.",
        )
    elif not config.local_store:
        yield note(f"the local store is off ({config.origin('local_store')}): these commands see no new sessions")


def _check_exporter(environ: Mapping[str, str]) -> Iterator[Finding]:
    grpc = any(environ.get(name) == "grpc" for name in PROTOCOLS)
    if not is_findable(f"opentelemetry.exporter.otlp.proto.{'grpc' if grpc else 'http'}.trace_exporter"):
        package = "opentelemetry-exporter-otlp-proto-grpc" if grpc else "'agentops[otlp]'"
        yield broken(
            "OTEL_EXPORTER_OTLP_* asks for spans to be sent, but the exporter is not installed",
            f"Run `pip install {package}`.",
        )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
