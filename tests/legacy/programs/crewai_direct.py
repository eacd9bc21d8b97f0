"""What CrewAI before 0.105 calls: functions, from inside of its agents and tools; the program asks for a session."""

import sys

from pydantic import BaseModel, PrivateAttr

try:
    import agentops
    from agentops import track_agent
except ImportError:
    agentops = None


@track_agent()
class Agent(BaseModel):
    _times_executed: int = PrivateAttr(default=0)
    role: str
    agent_ops_agent_name: str = None
    agent_ops_agent_id: str = None

    def model_post_init(self, _context):
        self.agent_ops_agent_name = self.role

    def execute_task(self):
        self._times_executed += 1
        return self.role


@track_agent(name="Task Evaluator")
class TaskEvaluator:
    def __init__(self, original_agent):
        self.original_agent = original_agent


def use_tool():
    tool_event = agentops.ToolEvent(name="search") if agentops else None
    try:
        raise ValueError("no such page")
    except ValueError as error:
        if agentops:
            agentops.record(agentops.ErrorEvent(exception=error, trigger_event=tool_event))
    if agentops:
        agentops.record(tool_event)


agentops.init(default_tags=["crew"], skip_auto_end_session="skip" in sys.argv)
agent = Agent(role="Researcher")
assert type(agent) is Agent
assert agent.model_dump()["role"] == agent.execute_task() == "Researcher"
assert TaskEvaluator(agent).original_agent is agent
use_tool()
if agentops:
    agentops.end_session(end_state="Success", end_state_reason="Finished Execution", is_auto_end=True)
if "skip" in sys.argv:
    agentops.end_session("Fail", end_state_reason="Said the program")
