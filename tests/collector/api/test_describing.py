"""The description of the API: valid, complete, true; and the pages that are made of it."""

import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import schemathesis
from api_samples import Api, AskAs
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from server_samples import RunningServer, StartServer

from agentops.collector.openapi import describe
from agentops.collector.table import ROUTES

ROOT = Path(__file__).resolve().parents[3]
DESCRIBED = describe(ROUTES)


def test_it_is_openapi() -> None:
    """By OpenAPI's own schema, and every schema in it is one of JSON Schema."""
    OPENAPI_31_VALIDATOR.validate(DESCRIBED)
    for name in DESCRIBED["components"]["schemas"]:
        jsonschema_rs.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": DESCRIBED["components"]}
        )


def test_it_leaves_no_route_out() -> None:
    """Every route that is not an older name of another is there, once, under a name of its own."""
    described = {(method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES if route.is_listed}
    names = [operation["operationId"] for methods in DESCRIBED["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_what_it_refers_to_is_there() -> None:
    """Every reference leads to a part of it, and every part is referred to."""
    text = str(DESCRIBED)
    schemas = set(re.findall(r"#/components/schemas/([\w.]+)", text))
    assert schemas == set(DESCRIBED["components"]["schemas"])


def test_it_says_whether_a_key_is_needed(start_server: StartServer, server: RunningServer, ask_as: AskAs) -> None:
    """Of a collector that has keys, and of one that lets everybody in; it says so to everybody."""
    keyed = ask_as(start_server(keys={"first": "some-key"}), None).truth.document
    opened = ask_as(server, None).truth.document
    listing = "/api/v1/sessions"
    assert keyed["paths"][listing]["get"]["security"] == [{"key": []}, {"bearer": []}]
    assert opened["paths"][listing]["get"]["security"] == [{}, {"key": []}, {"bearer": []}]


def test_programs_that_read_descriptions_take_it(server: RunningServer) -> None:
    """Schemathesis finds every operation in it."""
    schema: Any = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    count = sum(len(methods) for methods in DESCRIBED["paths"].values())
    assert len([operation.ok() for operation in schema.get_all_operations()]) == count


class Page(HTMLParser):
    """What a page loads, runs and links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what it has."""
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}>"
            assert name not in {"src", "style"}, f"<{tag} {name}>"
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                assert value not in self.ids
                self.ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Every element ends inside the one it began in."""
        assert self.open.pop() == tag


def test_pages_run_nothing_and_load_nothing(server: RunningServer, api: Api) -> None:
    """Nor may they: the policy lets in the style that they hold, and that is all. Every link leads somewhere."""
    for path in ("/", "/docs"):
        answer = server.client.get(path)
        assert answer.status_code == 200
        page = Page(answer.text)
        assert {"script", "img", "link", "iframe", "object", "form"} & set(page.tags) == set()
        assert page.open == []
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = b64encode(sha256(style.encode()).digest()).decode()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
        assert not re.search(r"url\(|@import", style)
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids, link
            else:
                assert server.client.get(link).status_code == 200, link
    assert {
        operation["operationId"] for methods in api.truth.document["paths"].values() for operation in methods.values()
    } <= page.ids


def test_a_page_shows_text_as_text(server: RunningServer) -> None:
    """Also the name under which it was asked for."""
    answer = server.client.get("/", headers={"Host": "localhost:1<script>"})
    assert "<script" not in answer.text


def test_the_reference_is_up_to_date() -> None:
    """`docs/reference/rest-api.md` is what `scripts/describe_rest_api.py` writes."""
    done = subprocess.run([sys.executable, ROOT / "scripts" / "describe_rest_api.py"], capture_output=True, check=True)
    assert done.stdout.decode() == (ROOT / "docs" / "reference" / "rest-api.md").read_text(encoding="utf-8")
