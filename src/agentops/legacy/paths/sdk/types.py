"""Types of settings, as AgentOps 0.4 has them for type checkers."""

from typing import Annotated, Any, TypedDict

ISOTimeStamp = Annotated[str, "ISO 8601"]


class TracingConfig(TypedDict, total=False):
    """Settings of traces in AgentOps 0.4; here all of them are arguments of `agentops.init`."""

    service_name: str | None
    exporter: Any
    processor: Any
    exporter_endpoint: str | None
    metrics_endpoint: str | None
    api_key: str | None
    project_id: str | None
    max_queue_size: int
    max_wait_time: int
    export_flush_interval: int
