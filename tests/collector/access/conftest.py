"""What the tests of access share: a catalog of the test's own; `access_samples` can be imported from any of them."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from access_samples import LAB, SHOP, Holder, new_holder

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Projects


@pytest.fixture
def path(data_directory: Path) -> Path:
    """Where the test's catalog lies; nothing is there yet."""
    return data_directory / CATALOG_FILE


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    """A new catalog."""
    with closing(Catalog(path)) as catalog:
        yield catalog


@pytest.fixture
def access(catalog: Catalog) -> Access:
    """Who may do what by that catalog."""
    return Access(catalog)


@pytest.fixture
def projects(catalog: Catalog, data_directory: Path) -> Iterator[Projects]:
    """The stores of its projects."""
    with closing(Projects(catalog, data_directory)) as projects:
        yield projects


@pytest.fixture
def shopper(catalog: Catalog) -> Holder:
    """Somebody with a key of the project `shop`."""
    return new_holder(catalog, SHOP)


@pytest.fixture
def researcher(catalog: Catalog) -> Holder:
    """Somebody with a key of the project `lab`."""
    return new_holder(catalog, LAB)
