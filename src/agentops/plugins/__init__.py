"""The plugin contract: five hooks, found by entry points.

A plugin is a module (or any object) with functions marked `@hookimpl` and named as in `agentops.plugins.hookspecs`,
announced by its distribution as an entry point: of the group `agentops.libraries`, named after the module whose import
it waits for, or of the group `agentops`, to be loaded whenever recording begins.
"""

from pluggy import HookimplMarker, HookspecMarker

__all__ = ["hookimpl", "hookspec"]

hookimpl = HookimplMarker("agentops")
"""Marks a function of a plugin as its answer to the hook of the same name."""

hookspec = HookspecMarker("agentops")
"""Marks a function as a hook that plugins may answer."""
