"""Documentation that cannot rot: its snippets run, its links lead somewhere, and it leaves no public name out.

A page is run from top to bottom in one folder: `python` blocks as programs, `console` blocks line by line, and what a
console block shows must be what comes out, but for ids, times and dates. A comment above a block says what else it is:
`<!-- file: name.py -->` only writes it, `<!-- not run: reason -->` only shows it.

Pages whose snippets speak to a collector on this machine find one there, at another port.
"""

import http.client
import inspect
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import agentops
from agentops import errors
from agentops.config.settings import SETTINGS, Setting
from agentops.testing.provider import Provider, ReceivedRequest, Turn

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
OWN_TEST = {"writing-a-plugin.md"}
PAGES = [ROOT / "README.md", *sorted(page for page in DOCS.rglob("*.md") if page.name not in OWN_TEST)]
ALL_PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]

BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^>]*?) -->\n)?^```(?P<kind>python|console|json)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8,16}\b"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\d\d:\d\d(:\d\d)?"), "<time>"),
    (re.compile(r"<?\d+(\.\d+)?\s?(ns|µs|us|ms|s|m|h)\b"), "<time>"),
    (re.compile(r"just now|<time> ago"), "<ago>"),
    (re.compile(r"\s+"), " "),
)
TIMEOUT = 90
"""Seconds that one snippet may take."""
COLLECTOR = "127.0.0.1:4318"
"""Where pages say that a collector is."""
ANSWERS = {
    "sky": "Air scatters blue light more than red, so blue reaches us from everywhere.",
    "river": "The Danube.",
}
"""What the model of the pages says, by a word of the question."""


def answer(request: ReceivedRequest) -> Turn:
    """The model of the pages."""
    said = request.last_message
    return Turn(next((text for word, text in ANSWERS.items() if word in said), "I see."))


@dataclass(frozen=True)
class Snippet:
    """One block of a page."""

    kind: str
    text: str
    line: int
    mark: str

    @property
    def file(self) -> str | None:
        """The name under which the block is to be written."""
        return self.mark.removeprefix("file:").strip() if self.mark.startswith("file:") else None


def snippets(page: Path) -> Iterator[Snippet]:
    """The blocks of a page that are to be written or run."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        mark = match["mark"] or ""
        if not mark.startswith("not run:") and (match["kind"] != "json" or mark):
            yield Snippet(match["kind"], match["text"], text.count("\n", 0, match.start()) + 1, mark)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The command lines of a console block, each with what it shows."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def settled(line: str) -> str:
    """A line without what changes from run to run."""
    for pattern, word in CHANGING:
        line = pattern.sub(word, line)
    return line.strip()


def missing(shown: str, printed: str) -> list[str]:
    """The shown lines that were not printed, in order; a line of dots stands for anything."""
    lines = iter([settled(line) for line in printed.splitlines()])
    wanted = [settled(line) for line in shown.splitlines() if line.strip() not in {"", "..."}]
    return [line for line in wanted if line not in lines]


def run(command: list[str] | str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program or a shell line in the page's folder, both its outputs in one."""
    return subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@contextmanager
def collector_for(page: Path, environment: dict[str, str]) -> Generator[str]:
    """The address of a collector for a page that speaks to one, else the one that the pages have."""
    if not any(COLLECTOR in snippet.text for snippet in snippets(page)):
        yield COLLECTOR
        return
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    command = [sys.executable, "-m", "agentops.cli", "serve", "--quiet", "--port", address.partition(":")[2]]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + TIMEOUT
            while not is_ready(address):
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            yield address
        finally:
            server.terminate()


def is_ready(address: str) -> bool:
    """Whether a collector can take recordings in."""
    connection = http.client.HTTPConnection(address)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    """Every snippet of a page runs, after those above it, and shows what the page says."""
    folder = tmp_path / "reader"
    folder.mkdir()
    scripts = Path(sys.executable).parent
    with Provider(answer) as provider:
        environment = dict(os.environ) | provider.environment()
        environment |= {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120", "NO_COLOR": "1"}
        with collector_for(page, environment) as address:
            for snippet in snippets(page):
                text = snippet.text.replace(COLLECTOR, address)
                follow(replace(snippet, text=text), folder, environment, f"{page.relative_to(ROOT)}:{snippet.line}")


def follow(snippet: Snippet, folder: Path, environment: dict[str, str], place: str) -> None:
    """Write a block, or run it and look at what comes out."""
    if snippet.file:
        (folder / snippet.file).write_text(snippet.text, encoding="utf-8")
    elif snippet.kind == "python":
        (folder / "snippet.py").write_text(snippet.text, encoding="utf-8")
        done = run([sys.executable, "snippet.py"], folder, environment)
        assert done.returncode == 0, f"{place}\n{done.stdout}"
    else:
        for command, shown in commands(snippet.text):
            done = run(command, folder, environment)
            assert done.returncode == 0, f"{place}: {command}\n{done.stdout}"
            assert missing(shown, done.stdout) == [], f"{place}: {command}\n{done.stdout}"


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that is there."""
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reachable() -> None:
    """Every page of the docs is linked from another page."""
    linked = {
        (page.parent / link).resolve() for page in ALL_PAGES for link in LINK.findall(page.read_text(encoding="utf-8"))
    }
    assert [page for page in DOCS.rglob("*.md") if page.resolve() not in linked and page != DOCS / "index.md"] == []


@pytest.mark.parametrize("name", agentops.__all__)
def test_public_names_say_what_they_are(name: str) -> None:
    """Every public name has a docstring of its own, unless it is plain data."""
    value = getattr(agentops, name)
    if inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value):
        assert inspect.getdoc(value)


@pytest.mark.parametrize("name", agentops.__all__)
def test_public_names_have_a_place_in_the_reference(name: str) -> None:
    """Every public name is in the API reference."""
    reference = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    assert re.search(rf"`(agentops\.|@agentops\.|@)?{re.escape(name)}\b", reference)


def test_errors_have_a_place_in_the_reference() -> None:
    """Every error that agentops raises on purpose is in the API reference."""
    reference = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    names = [name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)]
    assert [name for name in names if f"`{name}`" not in reference] == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.field)
def test_settings_are_listed_as_they_are(setting: Setting) -> None:
    """The configuration reference has a row for every setting, with its variables, default and meaning."""
    default = "the platform's" if callable(setting.default) else str(setting.default)
    variables = ", ".join(f"`{name}`" for name in setting.names)
    row = f"| `{setting.field}` | {variables} | `{default}` | {setting.about} |"
    assert row in (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8").splitlines()


def test_variables_have_a_place_in_the_reference() -> None:
    """Every environment variable that the package reads is in the configuration reference.

    The vocabulary of AgentOps 0.4 has names that look like them and are those of attributes, and so have clients of
    agent-framework.
    """
    paths = [path for path in (ROOT / "src").rglob("*.py") if path.parent.name != "semconv"]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    read = {name for source in sources for name in re.findall(r"\b(?:AGENTOPS|OTEL)_[A-Z][A-Z0-9_]*[A-Z0-9]\b", source)}
    reference = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    assert sorted(name for name in read - {"OTEL_PROVIDER_NAME"} if name not in reference) == []


def test_hooks_have_a_place_in_the_plugin_guide() -> None:
    """Every hook is in the guide for plugin authors."""
    from agentops.plugins import hookspecs  # noqa: PLC0415 - the other tests do not need it

    guide = (DOCS / "writing-a-plugin.md").read_text(encoding="utf-8")
    hooks = [name for name in vars(hookspecs) if name.startswith("agentops_")]
    assert hooks
    assert [name for name in hooks if name not in guide] == []
