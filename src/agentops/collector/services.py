"""What all requests share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agentops.collector.access import Access, Projects
from agentops.collector.live import Live
from agentops.collector.load import Load
from agentops.collector.meters import Meters
from agentops.collector.options import ServeOptions


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running collector.

    Attributes:
        options: how it was asked to run.
        access: who may do what.
        projects: the files.
        live: tells those who watch that something came.
        meters: what it counts of itself.
        load: how much is under way.
        writers: the threads that take recordings in.
        readers: the threads that answer questions.
    """

    options: ServeOptions
    access: Access
    projects: Projects
    live: Live
    meters: Meters
    load: Load
    writers: ThreadPoolExecutor
    readers: ThreadPoolExecutor
