"""What the table of names says besides what can be measured: why something is other, or not here at all."""

_PATCHES = "patched other libraries, each in a way of its own; here [plugins](../writing-a-plugin.md) observe them"
_SERVICE = "spoke to the service; nothing here speaks to a host that is not configured"
_INNER = "inner workings of spans and their export, which are made another way here"

INTERNAL = {
    "agentops.cli": "the function behind the command of 0.3; here `agentops` is [a command with others](cli.md)",
    "agentops.client.api": _SERVICE,
    "agentops.client.http": _SERVICE,
    "agentops.descriptor": "looked for the agent on the call stack; here the context knows it",
    "agentops.helpers.dashboard": "made addresses of the dashboard; `session.session_url` is the address here",
    "agentops.helpers.system": "described the machine; `session.host_env` is the description here",
    "agentops.host_env": "described the machine; `session.host_env` is the description here",
    "agentops.http_client": _SERVICE,
    "agentops.instrumentation": _PATCHES,
    "agentops.integration.callbacks.langchain.utils": "read the model's name out of LangChain's values",
    "agentops.llms": _PATCHES,
    "agentops.logging.formatters": "wrote log lines; the logger `agentops` takes any formatter",
    "agentops.logging.instrument_logging": "replaced `print` and sent what was printed; `capture_logs=` tees it here",
    "agentops.meta_client": "sent failures of AgentOps itself to the service; here they are logged",
    "agentops.partners.taskweaver_event_handler": "for a library that is not on the package index",
    "agentops.sdk.attributes": _INNER,
    "agentops.sdk.decorators.factory": "made the decorators",
    "agentops.sdk.decorators.utility": "made the decorators",
    "agentops.sdk.descriptors": _INNER,
    "agentops.sdk.exporters": "sent spans to the service; `init(exporter=)` takes any OpenTelemetry exporter",
    "agentops.sdk.processors": "found the root span; `init(span_processor=)` takes any OpenTelemetry processor",
    "agentops.time_travel": "answered model calls with what the service had stored, read with `eval`",
}
"""Modules that are not provided, by the beginnings of their names."""

_LOG = "the logger is as any other: `logging.getLogger('agentops')`"
_SESSION = "what `start_session` gives; one is made with a name, and 0.4's `trace_context` is what `start_trace` gives"
_HANDLER = (
    "a list as the second argument is `tags`, a truth value as the third `auto_session`: both orders are understood"
)
_MACHINE = "described the machine; `session.host_env` is the description here"
_TOKEN = "asked a host that nobody had configured for a token"
_READER = "read LangChain's values into events"

NOTES = {
    "agentops.Session": _SESSION,
    "agentops.legacy.Session": _SESSION,
    "agentops.session.Session": _SESSION,
    "agentops.end_session": "the first argument is 0.4's session or 0.3's end state, whichever it is",
    "agentops.tracker": "the module that patched libraries for 0.3",
    "agentops.client.ApiClient": _SERVICE,
    "agentops.config.Config": "the settings in use, read-only; they are given to `init` and `configure`",
    "agentops.config.ConfigDict": "a type for type checkers only",
    "agentops.config.Configuration": "settings are given to `init` and `configure`",
    "agentops.config.TESTING": "whether AgentOps's own tests run",
    "agentops.helpers.check_call_stack_for_agent_id": "looked for the agent on the call stack; the context knows it",
    "agentops.helpers.debug_print_function_params": "printed what its own functions were called with",
    **{
        f"agentops.helpers.{name}": _MACHINE
        for name in (
            "get_cpu_details",
            "get_current_directory",
            "get_disk_details",
            "get_host_env",
            "get_installed_packages",
            "get_os_details",
            "get_ram_details",
            "get_sdk_details",
            "get_virtual_env",
        )
    },
    "agentops.helpers.AgentOpsJSONEncoder": "its parameter is called as in `json.JSONEncoder`",
    "agentops.helpers.serialization.AgentOpsJSONEncoder": "its parameter is called as in `json.JSONEncoder`",
    "agentops.helpers.serialization.model_to_dict": "`agentops.helpers.safe_serialize` is the way to JSON",
    "agentops.integration.callbacks.dspy.DSPyCallbackHandler": "where dspy is installed",
    "agentops.integration.callbacks.dspy.callback.DSPyCallbackHandler": "where dspy is installed",
    **{
        f"agentops.integration.callbacks.dspy.callback.DSPY_{name}": "a name of attributes that are not written"
        for name in ("ATTRIBUTE", "EVALUATE", "INPUT", "OUTPUT")
    },
    **{
        f"agentops.{place}{kind}LangchainCallbackHandler": _HANDLER
        for place in (
            "integration.callbacks.langchain.",
            "integration.callbacks.langchain.callback.",
        )
        for kind in ("", "Async")
    },
    **{
        f"agentops.log_config.{name}": _LOG
        for name in (
            "ANSI_ESCAPE_PATTERN",
            "AgentOpsLogFileFormatter",
            "AgentOpsLogFormatter",
            "log_to_file",
            "stream_handler",
        )
    },
    **{
        f"agentops.logging.{name}": _LOG
        for name in (
            "configure_logging",
            "setup_print_logger",
            "upload_logfile",
            "config.configure_logging",
            "config.intercept_opentelemetry_logging",
        )
    },
    **{f"agentops.partners.autogen_logger.{name}": "a part of its module" for name in ("F", "lock", "logger")},
    "agentops.partners.langchain_callback_handler.Events": _READER,
    "agentops.partners.langchain_callback_handler.get_model_from_kwargs": _READER,
    "agentops.sdk.core.TracingCore": "`init` starts the recorder; spans are made by decorators and OpenTelemetry",
    "agentops.sdk.core.setup_telemetry": "`init` does it",
    "agentops.sdk.decorators.create_entity_decorator": "`agentops.span(name, kind=...)` is a decorator of any kind",
    "agentops.session.SessionExporter": "the exporter of 0.3's sessions; `agentops.delivery` is the way out here",
    **{
        f"agentops.validation.{name}": _TOKEN
        for name in ("get_jwt_token", "get_jwt_token_sync", "get_trace_details", "get_trace_metrics")
    },
}
"""Why a name is other than it was, or is not there."""
