"""A researcher looks cities up by a tool, and a chief, who writes code, has it done."""

from smolagents import CodeAgent, LogLevel, OpenAIServerModel, Tool, ToolCallingAgent


class Population(Tool):
    """Knows one city."""

    name = "population"
    description = "How many people live in a city."
    inputs = {"city": {"type": "string", "description": "its name"}}  # noqa: RUF012 - as the library wants it
    output_type = "integer"

    def forward(self, city: str) -> int:
        """Look it up."""
        if city != "Paris":
            raise LookupError(f"{city} is not known")
        return 2_100_000


QUESTION = "How large are these cities: Paris, Atlantis?"
model = OpenAIServerModel(model_id="gpt-4o-mini")
researcher = ToolCallingAgent(
    tools=[Population()],
    model=model,
    name="researcher",
    description="Looks cities up.",
    verbosity_level=LogLevel.OFF,
)
print(researcher.run(QUESTION))
for step in researcher.run(QUESTION, stream=True):
    print(type(step).__name__)
chief = CodeAgent(
    tools=[Population()],
    model=model,
    managed_agents=[researcher],
    name="chief",
    description="Has others look things up.",
    verbosity_level=LogLevel.OFF,
)
print(chief.run("Which cities are there?"))
