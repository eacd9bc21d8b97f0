"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import io
import json
import logging
import os
from contextlib import redirect_stdout
from types import SimpleNamespace
from urllib.request import Request, urlopen

from autogen import ConversableAgent, register_function

model = {"config_list": [{"model": "gpt-4o-mini", "api_key": os.environ["OPENAI_API_KEY"]}], "cache_seed": None}


def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = ConversableAgent("researcher", "You look cities up.", llm_config=model, human_input_mode="NEVER")
writer = ConversableAgent("writer", "You write one sentence.", llm_config=model, human_input_mode="NEVER")
librarian = ConversableAgent(
    "librarian",
    llm_config=False,
    human_input_mode="NEVER",
    is_termination_msg=lambda message: "not known." in (message.get("content") or ""),
)
register_function(population, caller=researcher, executor=librarian, description="How many people live in a city.")


class Plain:
    """A model that no client library is for."""

    RESPONSE_USAGE_KEYS = ("prompt_tokens", "completion_tokens", "total_tokens", "cost", "model")

    def __init__(self, config: dict, **_settings: object) -> None:
        self.model = config["model"]

    def create(self, params: dict) -> SimpleNamespace:
        """One answer, by HTTP alone."""
        body = json.dumps({"model": self.model, "messages": params["messages"]}).encode()
        address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
        with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
            said = json.load(answer)
        message = SimpleNamespace(content=said["choices"][0]["message"]["content"], function_call=None, tool_calls=None)
        choices = [SimpleNamespace(message=message)]
        return SimpleNamespace(
            choices=choices, model=self.model, usage=SimpleNamespace(**said["usage"]), id="1", cost=0
        )

    def message_retrieval(self, response: SimpleNamespace) -> list:
        """What is said."""
        return [choice.message.content for choice in response.choices]

    def cost(self, _response: SimpleNamespace) -> float:
        """It costs nothing."""
        return 0

    @staticmethod
    def get_usage(response: SimpleNamespace) -> dict:
        """For how many tokens."""
        return {**vars(response.usage), "cost": 0, "model": response.model}


logging.getLogger("autogen.oai.client").setLevel(logging.WARNING)  # it says when it was that it met the class
beyond = {"config_list": [{"model": "plain-1", "model_client_cls": "Plain"}], "cache_seed": None}
poet = ConversableAgent("poet", "You write one sentence.", llm_config=beyond, human_input_mode="NEVER")
poet.register_model_client(model_client_cls=Plain)

with redirect_stdout(io.StringIO()):
    found = librarian.initiate_chat(researcher, message="How large are these cities: Paris, Atlantis?")
    written = researcher.initiate_chat(writer, message=found.summary, max_turns=1)
    rhymed = researcher.initiate_chat(poet, message="In verse.", max_turns=1)
print(found.summary)
print(written.summary)
print(rhymed.summary)
