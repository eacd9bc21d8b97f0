"""What CrewAI from 0.105 on calls: a listener on its event bus."""

from uuid import uuid4

import agentops


class Listener:
    tool_event = None
    session = None

    def on_crew_kickoff_started(self, agents):
        self.session = agentops.init()
        for role, agent_id in agents:
            if self.session:
                self.session.create_agent(name=role, agent_id=str(agent_id))

    def on_tool_usage_started(self, tool_name):
        self.tool_event = agentops.ToolEvent(name=tool_name)
        if self.session:
            self.session.record(self.tool_event)

    def on_tool_usage_error(self, error):
        agentops.ErrorEvent(exception=error, trigger_event=self.tool_event)

    def on_task_evaluation(self, agent_id):
        if self.session:
            self.session.create_agent(name="Task Evaluator", agent_id=str(agent_id))

    def on_crew_kickoff_completed(self):
        if self.session:
            self.session.end_session(end_state="Success", end_state_reason="Finished Execution")


for _crew in range(2):
    listener = Listener()
    researcher = uuid4()
    listener.on_crew_kickoff_started([("Researcher", researcher), ("Writer", uuid4())])
    listener.on_tool_usage_started("search")
    listener.on_tool_usage_error(ValueError("no such page"))
    listener.on_task_evaluation(researcher)
    listener.on_crew_kickoff_completed()
