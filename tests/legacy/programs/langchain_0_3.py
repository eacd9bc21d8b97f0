"""What tutorials of AgentOps 0.3 do with LangChain."""

import os

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.tools import tool

from agentops.partners.langchain_callback_handler import LangchainCallbackHandler as AgentOpsLangchainCallbackHandler

agentops_handler = AgentOpsLangchainCallbackHandler(
    api_key=os.environ.get("AGENTOPS_API_KEY"), default_tags=["Langchain Example"]
)


@tool
def find_movie(term: str) -> str:
    """Find available movies."""
    return f"Citizen Kane ({term})"


llm = FakeListChatModel(responses=["Citizen Kane"], callbacks=[agentops_handler])
assert len(agentops_handler.current_session_ids) == 1
assert llm.invoke("What is on?").content == "Citizen Kane"
assert find_movie.invoke("new", config={"callbacks": [agentops_handler]}) == "Citizen Kane (new)"
agentops_handler.ao_client.end_session("Success")
