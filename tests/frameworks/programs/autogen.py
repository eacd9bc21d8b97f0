"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import io
import os
from contextlib import redirect_stdout

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

with redirect_stdout(io.StringIO()):
    found = librarian.initiate_chat(researcher, message="How large are these cities: Paris, Atlantis?")
    written = researcher.initiate_chat(writer, message=found.summary, max_turns=1)
print(found.summary)
print(written.summary)
