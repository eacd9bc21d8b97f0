"""Observes `sqlalchemy` by the events of its engines: the statements that reach a database, sync and async.

The execution of a cursor begins, ends or fails; the context of the execution is the same object in all three:
https://docs.sqlalchemy.org/en/21/core/events.html#sqlalchemy.events.ConnectionEvents
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final
from weakref import WeakKeyDictionary

from agentops.domain.foreign import at, count, text
from agentops.instrumentation.target import Bridge, Emission, Emitter
from agentops.plugins import hookimpl
from agentops_plugins._database import rows, server, statement

_SYSTEMS: Final = {
    "mssql": "microsoft.sql_server",
    "oracle": "oracle.db",
    "sqlite": "sqlite",
}
"""The words of `db.system.name` for dialects where they differ."""


def install(emitter: Emitter) -> Callable[[], None]:
    """Listen to all engines, those that are there already included."""
    event: Any = import_module("sqlalchemy.event")
    engine: Any = import_module("sqlalchemy.engine").Engine
    running: WeakKeyDictionary[Any, Emission] = WeakKeyDictionary()

    def begins(connection: Any, _cursor: Any, sql: str, parameters: Any, context: Any, is_batch: Any) -> None:
        address = at(connection, "engine", "url")
        dialect = text(connection, "dialect", "name") or "other_sql"
        namespace, size = text(address, "database"), len(parameters) if is_batch else None
        known = {"db.namespace": namespace, "db.operation.batch.size": size, **server(address)}
        asked = statement(_SYSTEMS.get(dialect, dialect), sql, parameters or None, **known)
        running[context] = emission = emitter.open(asked, opaque=True, outgoing=True)
        emission.stay()

    def ends(_connection: Any, cursor: Any, _sql: str, _parameters: Any, context: Any, _is_batch: Any) -> None:
        emission = running.pop(context, None)
        if emission is not None:
            returned = at(cursor, "description") is not None
            emission.finish(rows(count(cursor, "rowcount"), returned=returned))

    def fails(failure: Any) -> None:
        emission = running.pop(at(failure, "execution_context"), None)
        if emission is not None:
            emission.fail(at(failure, "original_exception"))

    listeners = {"before_cursor_execute": begins, "after_cursor_execute": ends, "handle_error": fails}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)

    def uninstall() -> None:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)

    return uninstall


BRIDGE: Final = Bridge(
    library="sqlalchemy",
    module="sqlalchemy.engine",
    versions=">=1.4,<2.2",
    captures="statements, batches",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """The statements of `sqlalchemy`."""
    return BRIDGE
