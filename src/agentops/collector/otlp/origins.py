"""Who sends: what resources and scopes tell of a program and its machine.

https://opentelemetry.io/docs/specs/semconv/resource/
"""

from typing import Any, Final

from msgspec import Struct

from agentops.collector.otlp.forms import Form
from agentops.collector.otlp.shapes import Resource, Scope
from agentops.domain.foreign import count, objects, text

_HOST: Final = {
    "agentops.sdk.version": ("SDK", "AgentOps SDK Version"),
    "telemetry.sdk.name": ("SDK", "Telemetry SDK"),
    "telemetry.sdk.version": ("SDK", "Telemetry SDK Version"),
    "telemetry.sdk.language": ("SDK", "Language"),
    "process.runtime.name": ("SDK", "Runtime"),
    "process.runtime.version": ("SDK", "Runtime Version"),
    "host.name": ("OS", "Hostname"),
    "os.type": ("OS", "OS"),
    "os.version": ("OS", "OS Version"),
    "os.description": ("OS", "OS Release"),
}
"""Sections and names of `host_env`, as AgentOps has them; what else a resource says is in the section `Resource`."""

_UNKNOWN: Final = "unknown_service"
"""How OpenTelemetry's SDKs call a program that has no name."""


class Origin(Struct, frozen=True):
    """The program that sends.

    Attributes:
        attributes: of its resource.
        service: its name, None where it has none.
        is_ours: whether it records with agentops.
    """

    attributes: dict[str, Any]
    service: str | None
    is_ours: bool

    def host_env(self) -> dict[str, Any] | None:
        """Where it runs, under AgentOps's names; None where it does not say."""
        described: dict[str, Any] = {}
        for name, value in self.attributes.items():
            section, label = _HOST.get(name, ("Resource", name))
            described.setdefault(section, {})[label] = value
        return described or None

    @property
    def process_id(self) -> int | None:
        """The number of its process."""
        return count(self.attributes, "process.pid")

    @property
    def entrypoint(self) -> str | None:
        """The command line that started it."""
        words = [word for word in objects(self.attributes, "process.command_args") if isinstance(word, str)]
        return text(self.attributes, "process.command_line") or " ".join(words) or None


def origin_of(resource: Resource | None, form: Form) -> Origin:
    """What a resource says."""
    attributes = {} if resource is None else form.attributes_of(resource.attributes)
    service = text(attributes, "service.name")
    return Origin(
        attributes=attributes,
        service=service if service and not service.startswith(_UNKNOWN) else None,
        is_ours=attributes.get("telemetry.sdk.name") == "agentops",
    )


def source_of(scope: Scope | None) -> str:
    """The name of a scope; empty where it has none."""
    return (scope.name or "") if scope is not None else ""
