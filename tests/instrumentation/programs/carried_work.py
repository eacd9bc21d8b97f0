"""Work for other processes, in a module that they can import: where it runs, as it says itself."""

import multiprocessing
import os

from agentops.recording import context


def here():
    """The session and the span (id) that this code belongs to, in whatever thread or process it runs."""
    trace = context.current_trace()
    current = context.get_context().get(context.SPAN_KEY)
    return trace and trace.session_id, current and current.get_span_context().span_id


def there(_=None):
    """The same, as something to be mapped over values."""
    return here()


def put_here(queue):
    """The same, told to a queue."""
    queue.put(here())


class OwnProcess(multiprocessing.get_context("spawn").Process):
    """A process class as people write them."""

    def __init__(self, queue):
        super().__init__()
        self.queue = queue

    def run(self):
        """Say where this is, and what the environment says."""
        self.queue.put((here(), os.environ.get("TRACEPARENT"), os.environ.get("BAGGAGE")))
