"""What CAMEL calls: model backends record events, toolkits wrap their methods, agents are tracked."""

import os
from functools import wraps
from types import SimpleNamespace

try:
    if os.getenv("AGENTOPS_API_KEY") is not None:
        from agentops import LLMEvent, ToolEvent, record, track_agent
    else:
        raise ImportError
except (ImportError, AttributeError):
    LLMEvent = ToolEvent = None

    def track_agent(*args, **kwargs):
        return lambda decorated: decorated


class ModelType(str):
    """Names of models that are more than text."""


def decorated(function):
    @wraps(function)
    def call(*args, **kwargs):
        if ToolEvent:
            tool_event = ToolEvent(name=function.__name__, params=kwargs)
            result = function(*args, **kwargs)
            tool_event.returns = result
            record(tool_event)
            return result
        return function(*args, **kwargs)

    return call


class Decorating(type):
    def __new__(cls, name, bases, members):
        if ToolEvent:
            for attribute, value in members.items():
                if callable(value) and attribute != "get_tools":
                    members[attribute] = decorated(value)
        return super().__new__(cls, name, bases, members)


class Toolkit(metaclass=Decorating):
    def add(self, left, right):
        return left + right

    def get_tools(self):
        return [self.add]


class MistralModel:
    def run(self, messages):
        usage = SimpleNamespace(prompt_tokens=10, completion_tokens=3)
        response = SimpleNamespace(id="chatcmpl-1", usage=usage, content="Paris.")
        if LLMEvent:
            llm_event = LLMEvent(
                thread_id=response.id,
                prompt=" ".join([message.get("content") for message in messages]),
                prompt_tokens=response.usage.prompt_tokens,
                completion=response.content,
                completion_tokens=response.usage.completion_tokens,
                model=ModelType("mistral-large-2"),
            )
            record(llm_event)
        return response


@track_agent(name="SearchAgent")
class SearchAgent:
    def __init__(self, model=None):
        self.model = model

    def summarize_text(self, text):
        return self.model.run([{"role": "user", "content": text}])


if __name__ == "__main__":
    import agentops

    agentops.init(default_tags=["CAMEL"])
    assert SearchAgent(MistralModel()).summarize_text("Where?").content == "Paris."
    assert Toolkit().get_tools()[0](left=1, right=2) == 3
    agentops.end_session("Success")
