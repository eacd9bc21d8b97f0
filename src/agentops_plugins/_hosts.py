"""Whose model answers: told by the client's class and by the address it talks to."""

from functools import lru_cache
from typing import Final

_BY_CLASS: Final = {
    "AzureOpenAI": "azure.ai.openai",
    "BedrockOpenAI": "aws.bedrock",
    "AnthropicBedrock": "aws.bedrock",
    "AnthropicBedrockMantle": "aws.bedrock",
    "AnthropicVertex": "gcp.vertex_ai",
    "AnthropicGoogleCloud": "gcp.vertex_ai",
    "AnthropicAWS": "anthropic",
    "AnthropicFoundry": "azure.ai.inference",
}
"""Clients for models that someone else hosts; each has a twin `Async...`."""

_BY_HOST: Final = {
    "ai.azure.com": "azure.ai.inference",
    "amazonaws.com": "aws.bedrock",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "anthropic.com": "anthropic",
    "cerebras.ai": "cerebras",
    "cognitiveservices.azure.com": "azure.ai.openai",
    "cohere.com": "cohere",
    "dashscope-intl.aliyuncs.com": "alibaba_cloud",
    "dashscope.aliyuncs.com": "alibaba_cloud",
    "deepinfra.com": "deepinfra",
    "deepseek.com": "deepseek",
    "fireworks.ai": "fireworks",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "groq.com": "groq",
    "huggingface.co": "huggingface",
    "inference.ai.azure.com": "azure.ai.inference",
    "mistral.ai": "mistral_ai",
    "moonshot.ai": "moonshot_ai",
    "moonshot.cn": "moonshot_ai",
    "nvidia.com": "nvidia",
    "openai.azure.com": "azure.ai.openai",
    "openai.com": "openai",
    "openrouter.ai": "openrouter",
    "perplexity.ai": "perplexity",
    "sambanova.ai": "sambanova",
    "together.ai": "together",
    "together.xyz": "together",
    "watsonx.ai": "ibm.watsonx.ai",
    "x.ai": "x_ai",
}
"""Ends of host names. Values follow `gen_ai.provider.name` where it has a word
(https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/)."""


@lru_cache(maxsize=256)
def provider_of(client: str, host: str | None) -> str | None:
    """The provider behind a client class and a host, None where neither is known."""
    hosted = _BY_CLASS.get(client.removeprefix("Async"))
    if hosted is not None or host is None:
        return hosted
    labels = host.lower().split(".")
    ends = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((_BY_HOST[end] for end in ends if end in _BY_HOST), None)
