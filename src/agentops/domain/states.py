"""The states of a session, how it may go from one to the next, and the end states that users pass."""

from enum import StrEnum


class SessionState(StrEnum):
    """Where a session stands."""

    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"

    @property
    def is_terminal(self) -> bool:
        """Whether the session is over."""
        return not TRANSITIONS[self]

    @property
    def is_alive(self) -> bool:
        """Whether the session is not over."""
        return bool(TRANSITIONS[self])

    @classmethod
    def of(cls, value: object) -> "SessionState":
        """The state of this name, or to which this end state leads.

        Raises:
            ValueError: if it is neither; the message names the states.
        """
        word = value.strip().upper() if isinstance(value, str) else None
        if word is not None and word in cls.__members__:
            return cls.__members__[word]
        try:
            return EndState.of(value).state
        except ValueError:
            raise ValueError(f"{value!r} is no state of a session: pass one of {', '.join(cls)}") from None

    @classmethod
    def from_string(cls, state: str) -> "SessionState":
        """The state that a word stands for; `INDETERMINATE` if it stands for none."""
        try:
            return cls.of(state)
        except ValueError:
            return cls.INDETERMINATE


class Answer(int):
    """Yes or no, to be read as an attribute or called as a method: programs do both."""

    __slots__ = ()

    def __call__(self) -> bool:
        """The same, as a bool."""
        return bool(self)

    def __repr__(self) -> str:
        return repr(bool(self))


TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.INITIALIZING: frozenset(
        {SessionState.RUNNING, SessionState.SUCCEEDED, SessionState.FAILED, SessionState.INDETERMINATE}
    ),
    SessionState.RUNNING: frozenset({SessionState.SUCCEEDED, SessionState.FAILED, SessionState.INDETERMINATE}),
    SessionState.SUCCEEDED: frozenset(),
    SessionState.FAILED: frozenset(),
    SessionState.INDETERMINATE: frozenset(),
}


class EndState(StrEnum):
    """How a session went, in the user's words."""

    SUCCESS = "Success"
    FAIL = "Fail"
    INDETERMINATE = "Indeterminate"

    @property
    def state(self) -> SessionState:
        """The session state that this end leads to."""
        return _STATES[self]

    @classmethod
    def of(cls, value: object) -> "EndState":
        """The end state that a word, an enum member or a status code stands for.

        Understands the values of both AgentOps generations (`Success`, `Fail`, `Failure`, `Indeterminate`, `OK`,
        `ERROR`, `UNSET`), session states, and anything with such a `name` or `value`, or a `status_code` that has.

        Raises:
            ValueError: if the word is none of these; the message names the three.
        """
        value = getattr(value, "status_code", value)  # of OpenTelemetry's Status
        for word in (value, getattr(value, "value", None), getattr(value, "name", None)):
            known = _WORDS.get(word.strip().lower()) if isinstance(word, str) else None
            if known is not None:
                return known
        raise ValueError(f"{value!r} is no end state: pass 'Success', 'Fail' or 'Indeterminate'")


_STATES = {
    EndState.SUCCESS: SessionState.SUCCEEDED,
    EndState.FAIL: SessionState.FAILED,
    EndState.INDETERMINATE: SessionState.INDETERMINATE,
}

_WORDS = {
    "success": EndState.SUCCESS,
    "succeeded": EndState.SUCCESS,
    "ok": EndState.SUCCESS,
    "fail": EndState.FAIL,
    "failure": EndState.FAIL,
    "failed": EndState.FAIL,
    "error": EndState.FAIL,
    "indeterminate": EndState.INDETERMINATE,
    "unset": EndState.INDETERMINATE,
}
