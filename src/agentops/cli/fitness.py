"""How well what the plugins observe fits the libraries that are installed here."""

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any

from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.patch import install, install_bridge
from agentops.instrumentation.report import LibraryReport, State, TargetReport, report_library
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins.manager import Plugins


def reports(plugins: Plugins, *, importing: bool, only: Collection[str] = ()) -> list[tuple[str, LibraryReport]]:
    """Every observed library by plugin, looked up without importing it, or imported to see whether its targets bind.

    With `importing`, libraries are imported into this process and patched for the moment of looking.

    Args:
        plugins: what observes.
        importing: whether to import the libraries.
        only: the libraries; empty: all.
    """
    found = [
        (plugin, _report_imported(source) if importing else _report(source))
        for plugin, source in plugins.instrumentations()
        if not only or source.library in only
    ]
    return sorted(found, key=lambda entry: (entry[1].version is None, entry[1].library))


def _report(source: Instrumentation | Bridge) -> LibraryReport:
    if isinstance(source, Bridge):
        return report_library(source, [TargetReport(source.module or source.library, State.WAITING)])
    return report_library(source, [TargetReport(target.path, State.WAITING) for target in source.targets])


def _report_imported(source: Instrumentation | Bridge) -> LibraryReport:
    modules = (
        {target.path.partition(":")[0] for target in source.targets}
        if isinstance(source, Instrumentation)
        else {source.module or source.library}
    )
    failures = {module: failure for module in modules if (failure := _try_to_import(module)) is not None}
    if isinstance(source, Bridge):
        installed = install_bridge(source, SpanEmitter(source.library))
    else:
        installed = install(source, lambda _: _pass_through)
    try:
        report = installed.describe()
    finally:
        installed.undo()
    targets = (
        TargetReport(target.path, State.MISSED, failures[module])
        if target.state is State.WAITING and (module := target.path.partition(":")[0]) in failures
        else target
        for target in report.targets
    )
    return LibraryReport(
        library=report.library,
        distribution=report.distribution,
        version=report.version,
        versions=report.versions,
        targets=tuple(targets),
    )


def _try_to_import(module: str) -> str | None:
    """Why a module cannot be imported; None if it can, or if its library is not installed at all."""
    try:
        import_module(module)
    except ImportError as error:
        return None if error.name == module.partition(".")[0] else str(error)
    return None


def _pass_through(call: Callable[..., Any], _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return call(*args, **kwargs)
