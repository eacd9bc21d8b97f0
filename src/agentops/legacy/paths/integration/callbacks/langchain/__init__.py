"""Handlers for the callbacks of LangChain, where AgentOps 0.4 has them."""

from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler

__all__ = ["AsyncLangchainCallbackHandler", "LangchainCallbackHandler"]
