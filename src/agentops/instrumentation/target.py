"""What is observed and how it is read: the data of which every plugin is made."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agentops.domain.genai import AgentRequest, AgentResponse, Request, Response, ToolRequest, ToolResponse
from agentops.domain.spans import ErrorInfo, SpanKind

AnyRequest = Request | ToolRequest | AgentRequest
AnyResponse = Response | ToolResponse | AgentResponse


class Arguments(NamedTuple):
    """What an observed callable was called with."""

    instance: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def get(self, name: str, position: int | None = None) -> Any:
        """The argument of this name, or at this position when it was passed so; None when absent."""
        if name in self.kwargs:
            return self.kwargs[name]
        if position is not None and position < len(self.args):
            return self.args[position]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one kind of call is read: pure functions over what went in and what came out.

    Attributes:
        read_request: reads the arguments before the call.
        read_response: reads the result; for a stream, what `fold` built.
        fold: takes what was folded so far (None at first) and the next chunk, and gives the whole so far, in the
            shape of a response that was not streamed. None: chunks are counted, not read.
        begin: reads the stream object itself before its first chunk (what its headers say), as a response that holds
            in for what the chunks leave None. None: nothing is read of it.
        has_content: whether a chunk carries content that the user waits for; the first such one is the first token.
        iterator: the attribute of a stream object that holds the iterator inside it. The iteration is observed there
            and the stream stays the object that the library made. None: the stream itself is wrapped.
        connection: the attribute of a stream object that holds what its `close` releases (an HTTP response): closed
            between two chunks, by whatever way, the call ends as not read to its end. None: only exhaustion, errors
            and the stream's disappearance end it.
        deferred: name of a method of the result that hands out the true result (`parse` of a raw response whose body
            is still on the wire). The call goes on until the program calls it; a value it gives ends the call, a
            stream is observed as any other. When the result is closed or disappears before that, `read_response` is
            given the result itself and reads what is known without reading the body. `__enter__`: the result is a
            context manager, or one for `async with`, and what it is entered as is the true result. None: the result
            is the answer.
        part: the key of the result under which the stream or body is that the program reads (AWS gives it beside
            headers); `begin` is given the whole result. None: the result is it.
        decode: the method of a stream object that makes a chunk of what its iterator gave, and raises what an error
            among the chunks says: `fold` gets what it makes. None: the iterator gives the chunks.
        source: the attribute, or one of the paths of attributes, of a body object that its bytes are read from. They
            are the chunks, as the program reads them; the body is never read for the record alone. None: no bytes.
        read_whole: whether the result is read when it comes, although it could be iterated: a cursor over rows is no
            stream of an answer.
        entered: whether the result is a context manager, or one for `async with`: the call goes on while the program is
            inside, where it is current. `read_response` is given what it was entered as, once the program leaves.
        attend: registers with the result's own hooks where it has some, and says whether it has: it is given the result
            and the call as an `Emission`, which is to be active while the library works for it, and to be ended.
        kind: what the call is recorded as. None: what the type and operation of the request say. A step of a framework
            that is neither model, tool nor agent is an `AgentRequest` of kind `workflow` or `task`.
        read_raised: reads an exception that is no failure, but how the callable answers (a tool that asks the model to
            try again, an interrupt), as the response that it stands for; None where it is a failure.
        read_error: reads what an exception of this library says (status, code, request id); what it leaves out
            the driver fills in. None for exceptions of other origin.
    """

    read_request: Callable[[Arguments], AnyRequest]
    read_response: Callable[[Any], AnyResponse]
    fold: Callable[[Any, Any], Any] | None = None
    begin: Callable[[Any], AnyResponse | None] | None = None
    has_content: Callable[[Any], bool] | None = None
    iterator: str | None = None
    connection: str | None = None
    deferred: str | None = None
    part: str | None = None
    decode: str | None = None
    source: Sequence[str] | None = None
    read_whole: bool = False
    entered: bool = False
    attend: "Callable[[Any, Emission], bool] | None" = None
    kind: SpanKind | None = None
    read_raised: Callable[[BaseException], AnyResponse | None] | None = None
    read_error: Callable[[BaseException], ErrorInfo | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One callable of a library.

    Attributes:
        path: `module:Class.method` or `module:function`, or `module:function.variable` for what a wrapper keeps in its
            closure of the function inside it: that reaches references to the wrapper that were taken before. A path
            that does not exist is reported, not an error.
        reader: how to read it, or a function that chooses by the arguments; None leaves that call alone.
        opaque: the callable calls other observed libraries; the same operation inside it is this call seen again.
        outgoing: the callable is plain transport (HTTP): not observed inside an LLM call that is recorded.
        fallback: the callable is a framework's own model call, which may or may not end in a library that is observed:
            it is recorded only if no call of that kind was recorded inside it.
        internal: what is sent inside is the library's own: plain transport is not observed there, but in spans that are
            opened meanwhile.
        departs: for callables that send a message to another process: gives the arguments with what is current in
            them, which are the fields `traceparent` and `baggage` of W3C trace context. The program's own objects are
            not written to.
        arrives: for callables that handle a message from another process: the mapping in it that may hold those
            fields. The call is part of the session and span that they name.
    """

    path: str
    reader: Reader | Callable[[Arguments], Reader | None]
    opaque: bool = False
    outgoing: bool = False
    fallback: bool = False
    internal: bool = False
    departs: Callable[[Arguments, Mapping[str, str]], Arguments] | None = None
    arrives: Callable[[Arguments], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrumentation:
    """Everything about one library: the module whose import it waits for, and what to observe there.

    Attributes:
        library: the top-level module, as imported.
        targets: what to observe.
        distribution: the name on the package index where it differs from `library`.
        versions: the versions the plugin was made for, as a PEP 440 specifier, for `agentops plugins`.
        captures: what is recorded, in a few words for the table of all plugins: `chat, streams, tools, embeddings`.
        native_scopes: instrumentation scopes under which the library itself emits spans for the same calls; those are
            dropped inside what the plugin records, and what happens in them stands under that.
    """

    library: str
    targets: Sequence[Target]
    distribution: str | None = None
    versions: str = ""
    captures: str = ""
    native_scopes: Sequence[str] = ()


class Emission(Protocol):
    """One stretch of work that a library's own callbacks tell of; it ends once, what comes after that is ignored."""

    def active(self) -> AbstractContextManager[None]:
        """Make it current for the block, in this thread or task; the block's exceptions pass and do not end it."""
        ...

    def stay(self) -> None:
        """Make it current from here on, until it ends or steps aside, where the library's own code follows."""
        ...

    def step_aside(self) -> None:
        """It goes on, but what runs here now is not part of it: a stream's reader has its turn."""
        ...

    def answering(self) -> None:
        """The first of what a model answers is there."""
        ...

    def finish(self, response: AnyResponse | None = None) -> None:
        """It went well; None where the callback does not say with what."""
        ...

    def fail(self, error: BaseException) -> None:
        """It went wrong; a cancellation or KeyboardInterrupt ends it as cancelled."""
        ...


class Emitter(Protocol):
    """What a bridge tells of the callbacks that it receives; it never raises into them."""

    def open(  # noqa: PLR0913 - what a callback says at once
        self,
        request: AnyRequest,
        *,
        name: str | None = None,
        kind: SpanKind | None = None,
        parent: Emission | None = None,
        attributes: Mapping[str, Any] | None = None,
        fallback: bool = False,
        opaque: bool = False,
        outgoing: bool = False,
    ) -> Emission:
        """Something begins.

        Args:
            request: what was asked, of a model, a tool or an agent.
            name: what to call it; None: what the request says.
            kind: what it is; None: what the type and operation of the request say. A step of a framework that is
                neither model, tool nor agent is an `AgentRequest` of kind `workflow` or `task`.
            parent: under which it happens, as the callback names it; None: under what is current.
            attributes: what else is known of it.
            fallback: of a framework's own model call: recorded only if no call of that kind is recorded inside it, that
                is: while it is current. One that is recorded there carries these attributes.
            opaque: as of a `Target`, while it stays current.
            outgoing: as of a `Target`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A library that offers callbacks of its own: they are registered instead of patching it.

    Attributes:
        library: the top-level module, as imported.
        install: called once the library is imported; registers the callbacks, which speak to the emitter, and gives
            back the function that takes them out again.
        module: the module whose import `install` waits for, where it needs a submodule.
        distribution: the name on the package index where it differs from `library`.
        versions: the versions the plugin was made for, as a PEP 440 specifier, for `agentops plugins`.
        captures: what is recorded, in a few words for the table of all plugins: `chat, streams, tools, embeddings`.
        native_scopes: as in `Instrumentation`.
    """

    library: str
    install: Callable[[Emitter], Callable[[], None]]
    module: str | None = None
    distribution: str | None = None
    versions: str = ""
    captures: str = ""
    native_scopes: Sequence[str] = ()
