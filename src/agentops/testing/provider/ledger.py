"""What a provider keeps: the script it answers from and the requests it got."""

import time
from collections.abc import Callable
from itertools import count
from threading import Lock

from agentops.testing.provider.answers import Answers
from agentops.testing.provider.exchange import Events, Exchange
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Script


class Ledger:
    """The memory that all connections of a provider share.

    Attributes:
        script: what it says and knows.
        answers: the turns that are left.
        kept: exchanges with streams that are to be had elsewhere, by the path.
    """

    def __init__(self, script: Script, clock: Callable[[], float] = time.time) -> None:
        self.script = script
        self.kept: dict[str, tuple[Exchange, Events]] = {}
        self._clock = clock
        self.answers = Answers(script)
        self._numbers = count(1)
        self._lock = Lock()
        self._requests: list[ReceivedRequest] = []

    @property
    def requests(self) -> list[ReceivedRequest]:
        """What arrived so far, in its order."""
        with self._lock:
            return list(self._requests)

    def receive(self, read: Callable[[int], ReceivedRequest]) -> ReceivedRequest:
        """Number a request and keep it."""
        request = read(next(self._numbers))
        with self._lock:
            self._requests.append(request)
        return request

    def exchange_for(self, request: ReceivedRequest) -> Exchange:
        """The request with the turn that the script has for it."""
        return Exchange(request, self.answers.turn_for(request), int(self._clock()))
