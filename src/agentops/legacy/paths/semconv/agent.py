"""The names of what AgentOps 0.4 notes of agents."""


class AgentAttributes:
    """Attributes of an agent, its tools, its handoffs."""

    AGENT_ID = "agent.id"
    AGENT_NAME = "agent.name"
    AGENT_ROLE = "agent.role"
    AGENT_TOOLS = "agent.tools"
    AGENT_MODELS = "agent.models"
    TOOLS = "tools"
    HANDOFFS = "handoffs"
    FROM_AGENT = "from_agent"
    TO_AGENT = "to_agent"
    AGENT_REASONING = "agent.reasoning"
