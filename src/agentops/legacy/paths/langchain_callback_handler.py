"""Handlers for the callbacks of LangChain: the module of versions before 0.3, which tutorials still name."""

from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler

__all__ = ["AsyncLangchainCallbackHandler", "LangchainCallbackHandler"]
