"""Handlers for the callbacks of LangChain: the module of AgentOps 0.3."""

from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler

__all__ = ["AsyncLangchainCallbackHandler", "LangchainCallbackHandler"]
