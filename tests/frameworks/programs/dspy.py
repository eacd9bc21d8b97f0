"""A researcher that looks cities up by a tool, and a writer that says in a sentence what came of it."""

import dspy


def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


class Crew(dspy.Module):
    """The researcher, and then the writer."""

    def __init__(self):
        super().__init__()
        self.researcher = dspy.ReAct("question -> finding", tools=[population], max_iters=5)
        self.writer = dspy.Predict("finding -> sentence")

    def forward(self, question):
        """Look up, then write."""
        return self.writer(finding=self.researcher(question=question).finding)


dspy.configure(lm=dspy.LM("openai/gpt-4o-mini", cache=False), callbacks=[])
print(Crew()(question="How large are these cities: Paris, Atlantis?").sentence)
