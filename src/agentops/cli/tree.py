"""The spans of a session as the tree they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agentops.domain.spans import SpanRecord, SpanStatus


@dataclass(slots=True)
class Node:
    """A span and the spans under it, by start time."""

    span: SpanRecord
    children: list["Node"] = field(default_factory=list["Node"])


@dataclass(frozen=True, slots=True)
class Branch:
    """A node at its place: for each level down to it, whether more siblings follow there."""

    node: Node
    following: tuple[bool, ...]

    @property
    def depth(self) -> int:
        """How many spans stand above it."""
        return len(self.following)


def grow(spans: Iterable[SpanRecord]) -> list[Node]:
    """The roots of the forest that spans form; a span whose parent is not known, or is below itself, is a root."""
    nodes = {span.span_id: Node(span) for span in sorted(spans, key=lambda span: (span.start, span.span_id))}
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.span.parent_id or "")
        (roots if parent is None else parent.children).append(node)
    reached = {branch.node.span.span_id for branch in walk(roots)}
    for span_id in nodes.keys() - reached:
        _cut_ring(nodes, span_id, reached, roots)
    return sorted(roots, key=lambda node: node.span.start)


def _cut_ring(nodes: dict[str, Node], span_id: str, reached: set[str], roots: list[Node]) -> None:
    if span_id in reached:
        return
    seen: set[str] = set()
    while span_id not in seen:
        seen.add(span_id)
        span_id = nodes[span_id].span.parent_id or ""
    first = nodes[span_id]
    parent = nodes[first.span.parent_id or ""]
    parent.children.remove(first)
    roots.append(first)
    reached.update(branch.node.span.span_id for branch in walk([first]))


def walk(roots: Iterable[Node]) -> Iterator[Branch]:
    """Every node from the top down, depth first."""
    stack = [Branch(root, ()) for root in reversed(list(roots))]
    while stack:
        branch = stack.pop()
        yield branch
        last = len(branch.node.children) - 1
        stack.extend(
            Branch(child, (*branch.following, index < last))
            for index, child in reversed(list(enumerate(branch.node.children)))
        )


def where_it_died(spans: Iterable[SpanRecord]) -> SpanRecord | None:
    """The innermost span that its process died in; the latest such where there are several."""
    interrupted = {span.span_id: span for span in spans if span.status == SpanStatus.INTERRUPTED}
    parents = {span.parent_id for span in interrupted.values()}
    leaves = [span for span_id, span in interrupted.items() if span_id not in parents]
    return max(leaves, key=lambda span: span.start, default=None)
