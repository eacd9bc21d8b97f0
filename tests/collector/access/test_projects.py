"""Projects: a file each, opened when needed, and nothing crosses."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from access_samples import SHOP, Holder, new_holder

from agentops.collector.access import Access, Catalog, Projects
from agentops.collector.access.leases import Leases
from agentops.collector.access.projects import ensure_project, find_project, list_projects, set_retention
from agentops.domain.ids import new_session_id
from agentops.domain.spans import SessionRecord
from agentops.errors import ProjectError, StoreError, UnauthorizedError, UnknownProjectError, UnknownSessionError
from agentops.store.sqlite import SqliteStore


def announced(name: str) -> SessionRecord:
    """A session of this name."""
    return SessionRecord(session_id=new_session_id(), name=name, start=1_763_629_923_000_000_000)


class Door:
    """Something that can be open, and says so."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True

    def close(self) -> None:
        """Close it, once."""
        assert self.is_open
        self.is_open = False


class Doors:
    """Opens doors, and keeps all that it ever opened."""

    def __init__(self) -> None:
        self.opened: list[Door] = []

    def __call__(self, name: str) -> Door:
        """Open one."""
        self.opened.append(Door(name))
        return self.opened[-1]

    @property
    def open(self) -> list[str]:
        """The names of those that are open."""
        return [door.name for door in self.opened if door.is_open]


def test_the_default_project_is_the_store_of_this_machine(projects: Projects, data_directory: Path) -> None:
    """What programs record without a collector is there."""
    session = announced("local")
    with SqliteStore(data_directory / "agentops.db") as store:
        store.ingest([session])
    with projects.lease(find_project(projects.catalog, "default").id) as store:
        assert store.session(session.session_id).name == "local"


def test_projects_have_files_of_their_own(projects: Projects, shopper: Holder, researcher: Holder) -> None:
    """The id of a session of one means nothing in another."""
    session = announced("secret")
    with projects.lease(shopper.key.project) as store:
        store.ingest([session])
    with projects.lease(researcher.key.project) as store, pytest.raises(UnknownSessionError):
        store.session(session.session_id)
    assert projects.path_of(shopper.key.project) != projects.path_of(researcher.key.project)


def test_only_projects_that_exist_have_a_store(projects: Projects, data_directory: Path) -> None:
    """No file is made for an id that somebody thought up."""
    for word in ("nobody", "../agentops", ""):
        with pytest.raises(UnknownProjectError), projects.lease(word):
            pytest.fail("there is no such project")
    assert not (data_directory / "projects").exists()


def test_a_project_is_made_once(catalog: Catalog) -> None:
    """However many ask for it at the same moment."""
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ensure_project, catalog, SHOP) for _ in range(24)]
        made = {project.result() for project in asking}
    assert made == {find_project(catalog, SHOP)}
    assert [project.name for project in list_projects(catalog)] == ["default", SHOP]


def test_a_project_is_found_by_id_and_name(catalog: Catalog) -> None:
    """And nothing is found for anything else."""
    project = ensure_project(catalog, SHOP)
    assert find_project(catalog, project.id) == find_project(catalog, SHOP) == project
    with pytest.raises(UnknownProjectError, match="there is no project nobody"):
        find_project(catalog, "nobody")


def test_each_project_keeps_sessions_as_long_as_it_says(catalog: Catalog) -> None:
    """In days; none is what the server says for all."""
    project = ensure_project(catalog, SHOP)
    assert project.retention_days is None
    assert set_retention(catalog, project.id, 0.5).retention_days == 0.5
    assert find_project(catalog, "default").retention_days is None
    assert set_retention(catalog, project.id, None).retention_days is None
    for days in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ProjectError, match="a number of days above 0"):
            set_retention(catalog, project.id, days)
    with pytest.raises(UnknownProjectError):
        set_retention(catalog, "nobody", 1)


def test_a_deleted_project_is_gone_with_its_file_and_keys(
    projects: Projects, access: Access, shopper: Holder, researcher: Holder
) -> None:
    """Others stay; who writes at that moment does not bring it back; a new project of that name is another one."""
    folder = projects.path_of(shopper.key.project).parent
    with projects.lease(shopper.key.project) as store:
        store.ingest([announced("before")])
        assert list(folder.glob(f"{shopper.key.project}*")) != []
        projects.delete(shopper.key.project)
        with suppress(StoreError):
            store.ingest([announced("too late")])
    assert list(folder.glob(f"{shopper.key.project}*")) == []
    with pytest.raises(UnauthorizedError):
        access.identify_key(shopper.text)
    with pytest.raises(UnknownProjectError), projects.lease(shopper.key.project):
        pytest.fail("it is gone")
    assert access.identify_key(researcher.text).project == researcher.key.project
    assert new_holder(projects.catalog, SHOP).key.project != shopper.key.project


def test_the_default_project_stays(projects: Projects) -> None:
    """It is the store of the machine."""
    with pytest.raises(ProjectError, match="the default project"):
        projects.delete(projects.catalog.default_project)
    with pytest.raises(UnknownProjectError):
        projects.delete("nobody")


def test_the_longest_unused_stores_are_closed(catalog: Catalog, data_directory: Path) -> None:
    """Any number of projects takes a bounded number of files, and each keeps what it has."""
    stores: list[SqliteStore] = []
    closed: list[SqliteStore] = []

    class Counted(SqliteStore):
        def close(self) -> None:
            closed.append(self)
            super().close()

    def open_counted(path: Path) -> SqliteStore:
        stores.append(Counted(path))
        return stores[-1]

    projects = Projects(catalog, data_directory, open_limit=2, open_store=open_counted)
    names = [ensure_project(catalog, f"project {number}").id for number in range(6)]
    for turn in range(2):
        for project in names:
            with projects.lease(project) as store:
                store.ingest([announced(f"turn {turn}")])
            assert len(stores) - len(closed) <= 2
    for project in names:
        with projects.lease(project) as store:
            assert sorted(session.name or "" for session in store.sessions()) == ["turn 0", "turn 1"]
    projects.close()
    assert len(closed) == len(stores)


def test_what_is_used_is_never_closed() -> None:
    """Not over the limit, not when it is dropped, not at the end; the last who uses it closes it."""
    doors = Doors()
    leases = Leases(doors, 1)
    with ExitStack() as holding:
        for name in "abc":
            holding.enter_context(leases.hold(name))
        first = holding.enter_context(leases.hold("a"))
        leases.drop("a")
        with leases.hold("a") as second:
            assert second is not first
        leases.close()
        assert doors.open == ["a", "b", "c"]
    assert doors.open == []


def test_idle_things_stay_open_up_to_the_limit() -> None:
    """So that the next who comes does not wait."""
    doors = Doors()
    leases = Leases(doors, 2)
    for name in "abcbb":
        with leases.hold(name):
            pass
    assert doors.open == ["b", "c"]
    assert len(doors.opened) == 3


def test_a_thing_is_opened_once_for_all_who_wait() -> None:
    """Others are not kept waiting by it."""
    opening, doors = threading.Event(), Doors()

    def open_slowly(name: str) -> Door:
        if name == "slow":
            assert opening.wait(20)
        return doors(name)

    leases = Leases(open_slowly, 4)

    def use(name: str) -> Door:
        with leases.hold(name) as door:
            return door

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(use, "slow") for _ in range(3)]
        assert pool.submit(use, "quick").result(20).name == "quick"
        opening.set()
        assert len({id(door.result(20)) for door in waiting}) == 1


def test_what_cannot_be_opened_is_tried_again() -> None:
    """An error is that of whoever asked."""
    doors, failing = Doors(), [True]

    def open_at_last(name: str) -> Door:
        if failing.pop():
            raise StoreError("not now")
        return doors(name)

    failing.insert(0, False)
    leases = Leases(open_at_last, 1)
    with pytest.raises(StoreError, match="not now"), leases.hold("a"):
        pytest.fail("it could not be opened")
    with leases.hold("a") as door:
        assert door.is_open


def test_many_threads_share_few_things() -> None:
    """None ever holds one that is closed, and at the end all are."""
    doors = Doors()
    leases = Leases(doors, 2)

    def use(number: int) -> bool:
        with leases.hold(f"{number % 5}") as door:
            if number % 7 == 0:
                leases.drop(door.name)
            return door.is_open

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(2000)))
    leases.close()
    assert doors.open == []
