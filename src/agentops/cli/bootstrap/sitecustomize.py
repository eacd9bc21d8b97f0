# ruff: noqa: ANN202, INP001, PTH100, PTH120, UP031 - read by any Python, old ones too, before anything else is loaded
"""Start recording in the Python that finds this file on its path, and leave no other trace there.

`agentops run` puts this folder first on PYTHONPATH. Any Python that the program starts comes by here, of whatever
version and in whatever environment; hence the plain syntax, and hence nothing here may fail aloud.
"""

import os
import sys


def _step_aside():
    """Take this folder off the path: only PYTHONPATH, for the program's children, still names it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]


def _run_next():
    """Run the `sitecustomize` that this one hides, and raise what it raises.

    Raises:
        ImportError: if there is none, as `site` expects of a missing one and passes over.
    """
    from importlib.machinery import PathFinder  # noqa: PLC0415 - nothing is loaded before the path is right
    from importlib.util import module_from_spec  # noqa: PLC0415

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        raise ImportError("no sitecustomize besides that of agentops", name="sitecustomize")
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


def _is_service():
    """Whether this is a helper process of multiprocessing itself, in which no code of the program runs."""
    return any("multiprocessing.resource_tracker" in word for word in getattr(sys, "orig_argv", ()))


def _start():
    """Begin to record, as `agentops.init()` does."""
    try:
        import agentops  # noqa: PLC0415 - this Python may not have it, or an old one
        from agentops.recording.guard import guarded  # noqa: PLC0415
    except (ImportError, SyntaxError) as error:
        if os.environ.get("AGENTOPS_RUN") == str(os.getpid()):
            sys.stderr.write("agentops: not recorded, as %s cannot import agentops: %s\n" % (sys.executable, error))
        return
    with guarded("starting to record"):
        agentops.init()


_step_aside()
try:
    _run_next()
finally:
    if not _is_service():
        _start()
