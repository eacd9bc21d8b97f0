"""What agent-lightning and the documentation of AgentOps 0.4 do with LangChain."""

from langchain_core.language_models.fake_chat_models import FakeListChatModel

import agentops
from agentops.integration.callbacks.langchain import LangchainCallbackHandler

agentops.init(auto_start_session=False)
client = agentops.get_client()
assert client.initialized
trace = agentops.start_trace("lightning", tags=["rollout"])
handler = LangchainCallbackHandler(api_key=client.config.api_key, tags=["langchain"])
assert FakeListChatModel(responses=["yes"]).invoke("Well?", config={"callbacks": [handler]}).content == "yes"
agentops.end_trace(trace, "Success")
assert agentops.validate_trace_spans(trace_context=trace)["has_llm_spans"]
