"""Who may do what at a collector: projects, keys and tokens, and the store of each project."""

from agentops.collector.access.catalog import CATALOG_FILE, Catalog
from agentops.collector.access.identity import Access
from agentops.collector.access.projects import Projects
from agentops.collector.access.records import Key, Principal, Project, Scope

__all__ = ["CATALOG_FILE", "Access", "Catalog", "Key", "Principal", "Project", "Projects", "Scope"]
