"""Whose model answers: told by the client's class and by the address it talks to."""

from functools import lru_cache
from typing import Final

_BY_CLASS: Final = {
    "AI21AzureClient": "azure.ai.inference",
    "AI21BedrockClient": "aws.bedrock",
    "AI21VertexClient": "gcp.vertex_ai",
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
    "ai-gateway.vercel.sh": "vercel",
    "ai.azure.com": "azure.ai.inference",
    "ai21.com": "ai21",
    "amazonaws.com": "aws.bedrock",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "anthropic.com": "anthropic",
    "baseten.co": "baseten",
    "bigmodel.cn": "zhipu_ai",
    "cerebras.ai": "cerebras",
    "cloudflare.com": "cloudflare",
    "cognitiveservices.azure.com": "azure.ai.openai",
    "cohere.ai": "cohere",
    "cohere.com": "cohere",
    "dashscope-intl.aliyuncs.com": "alibaba_cloud",
    "dashscope.aliyuncs.com": "alibaba_cloud",
    "databricks.com": "databricks",
    "deepinfra.com": "deepinfra",
    "deepseek.com": "deepseek",
    "fireworks.ai": "fireworks",
    "friendli.ai": "friendli",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "groq.com": "groq",
    "huggingface.co": "huggingface",
    "hyperbolic.xyz": "hyperbolic",
    "inference.ai.azure.com": "azure.ai.inference",
    "minimax.io": "minimax",
    "mistral.ai": "mistral_ai",
    "models.github.ai": "github",
    "moonshot.ai": "moonshot_ai",
    "moonshot.cn": "moonshot_ai",
    "nebius.ai": "nebius",
    "nebius.com": "nebius",
    "novita.ai": "novita",
    "nvidia.com": "nvidia",
    "ollama.com": "ollama",
    "openai.azure.com": "azure.ai.openai",
    "openai.com": "openai",
    "openrouter.ai": "openrouter",
    "perplexity.ai": "perplexity",
    "sambanova.ai": "sambanova",
    "siliconflow.cn": "siliconflow",
    "siliconflow.com": "siliconflow",
    "together.ai": "together",
    "together.xyz": "together",
    "volces.com": "volcengine",
    "watsonx.ai": "ibm.watsonx.ai",
    "x.ai": "x_ai",
    "z.ai": "zhipu_ai",
}
"""Ends of host names. Values follow `gen_ai.provider.name` where it has a word
(https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/)."""

_BY_PORT: Final = {1234: "lm_studio", 11434: "ollama"}
"""Ports that only one server listens on unless it is told otherwise. Others, such as 8000 (vLLM, SGLang) and 8080
(llama.cpp, LocalAI), are anybody's: who listens there is not known."""


@lru_cache(maxsize=256)
def provider_of(client: str, host: str | None, port: int | None = None) -> str | None:
    """The provider behind a client class and an address, None where neither is known."""
    hosted = _BY_CLASS.get(client.removeprefix("Async"))
    if hosted is not None or host is None:
        return hosted
    labels = host.lower().split(".")
    ends = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((_BY_HOST[end] for end in ends if end in _BY_HOST), None if port is None else _BY_PORT.get(port))
