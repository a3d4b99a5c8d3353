"""What the pictures are taken of: the pages that the console names itself."""

from pathlib import Path

from tests.devstack.screens import file_name, resolve, routes


def test_pages_are_read_from_the_route_files(tmp_path: Path) -> None:
    for name, text in {
        "signup": 'export default defineFeature({ site: "base", routes: [{ path: "/signup", name: "signup" }] })',
        "leads": "routes: [{ path: 'leads', name: 'leads' }, { path: 'leads/:id', name: 'lead' }]",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "routes.ts").write_text(text)
    assert routes(tmp_path) == (["/signup"], ["/leads", "/leads/:id"])


def test_a_record_page_is_found_by_a_link_to_it() -> None:
    links = {"/leads", "/leads/12/notes", "/leads/12?tab=files", "/customers/9"}
    assert resolve("/leads", set()) == "/leads"
    assert resolve("/leads/:id", links) == "/leads/12?tab=files"
    assert resolve("/leads/:id(\\d+)/notes", links) == "/leads/12/notes"
    assert resolve("/deals/:id", links) is None


def test_pictures_are_named_after_their_page() -> None:
    assert file_name("http://acme.localhost:8000", "/leads/:id") == "acme-leads-id"
    assert file_name("http://localhost:8000/", "/") == "localhost"
