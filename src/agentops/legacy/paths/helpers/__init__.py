"""What programs take from the helpers of AgentOps 0.3 and 0.4."""

from .env import get_env_bool, get_env_int, get_env_list
from .serialization import AgentOpsJSONEncoder, filter_unjsonable, is_jsonable, safe_serialize, serialize_uuid
from .time import get_ISO_time
from .version import check_agentops_update, get_agentops_version

__all__ = [
    "AgentOpsJSONEncoder",
    "check_agentops_update",
    "filter_unjsonable",
    "get_ISO_time",
    "get_agentops_version",
    "get_env_bool",
    "get_env_int",
    "get_env_list",
    "is_jsonable",
    "safe_serialize",
    "serialize_uuid",
]
