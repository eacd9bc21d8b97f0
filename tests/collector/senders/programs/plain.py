"""Tells of its work with OpenTelemetry alone: nested spans, an exception, log records and metrics."""

from contextlib import suppress

from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, SeverityNumber, get_logger
from telemetry import exporting


def answer(question: str) -> str:
    """An agent that asks a model and uses a tool, twice."""
    with tracer.start_as_current_span("invoke_agent reader") as span:
        span.set_attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "reader"})
        with tracer.start_as_current_span("chat", attributes={"gen_ai.operation.name": "chat"}) as chat:
            chat.set_attribute("gen_ai.request.model", "house-model")
            chat.set_attributes({"gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 2})
            asked.add(1, {"model": "house-model"})
        for word in (question, "sea"):
            with suppress(KeyError):
                look_up(word)
    return "done"


def look_up(word: str) -> str:
    """A tool that knows one word."""
    with tracer.start_as_current_span("execute_tool look_up") as span:
        span.set_attributes({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up"})
        lines.emit(LogRecord(body=f"looking {word} up", severity_number=SeverityNumber.INFO, severity_text="INFO"))
        took.record(len(word))
        return {"river": "The Danube."}[word]


with exporting():
    tracer, lines, meter = trace.get_tracer("plain"), get_logger("plain"), metrics.get_meter("plain")
    asked, took = meter.create_counter("questions", "1"), meter.create_histogram("steps", "1")
    with tracer.start_as_current_span("ask", attributes={"user.id": "ada", "session.id": "chat-7"}):
        print(answer("river"))
