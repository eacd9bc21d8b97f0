"""What AutoGen's runtime logging calls: a logger, from inside of its agents; the model is asked through openai."""

from types import SimpleNamespace
from uuid import uuid4

import openai

import agentops
from agentops.partners.autogen_logger import AutogenLogger


def search(query):
    return f"found {query}"


class Gemini:
    """A client that nobody observes."""


agentops.init(tags=["autogen"])
logger = AutogenLogger()
assert logger.start()
agent = SimpleNamespace(name="assistant")
logger.log_new_agent(agent, {"name": "assistant"})
asked = {"model": "gpt-x", "messages": [{"role": "user", "content": "Why?"}]}
start = "2026-01-01 10:00:00.000000"
with openai.OpenAI(max_retries=0) as client:
    logger.log_new_wrapper(object(), {})
    logger.log_new_client(client, object(), {})
    answer = client.chat.completions.create(**asked)
    logger.log_chat_completion(uuid4(), id(client), 1, agent, asked, answer, 0, 0.01, start)
    logger.log_chat_completion(uuid4(), id(client), 1, agent, asked, answer, 1, 0.0, start)
    gemini = Gemini()
    logger.log_new_client(gemini, object(), {})
    logger.log_chat_completion(uuid4(), id(gemini), 1, agent, asked, answer, 0, 0.02, start)
logger.log_event(agent, "received_message", message="Why?", sender="user")
logger.log_function_use(agent, search, {"query": "x"}, search("x"))
assert logger.get_connection() is None
logger.stop()
