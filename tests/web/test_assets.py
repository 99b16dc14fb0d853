"""Style sheets and scripts: found, compressed, cached by their content."""

import gzip

from innohub.web.assets import address, all_assets
from tests.web.visitor import Visitor

FOREVER = "public, max-age=31536000, immutable"


async def test_every_file_that_a_page_names_is_there(visitor: Visitor) -> None:
    page = await visitor.see("/")
    named = [link["href"] for link in page.document.all("link")]
    named += [script["src"] for script in page.document.all("script", type="module")]
    for name in named:
        assert (await visitor.client.get(name)).status_code == 200


async def test_a_name_with_the_contents_hash_is_kept_for_a_year(visitor: Visitor) -> None:
    pinned = await visitor.client.get(address("innohub.css"))
    assert pinned.headers["cache-control"] == FOREVER
    assert pinned.headers["content-type"].startswith("text/css")
    for unpinned in ("/static/innohub.css", "/static/innohub.css?v=0000"):
        assert (await visitor.client.get(unpinned)).headers["cache-control"] == "no-cache"


async def test_what_a_browser_has_is_not_sent_again(visitor: Visitor) -> None:
    first = await visitor.client.get("/static/innohub.js")
    again = await visitor.client.get(
        "/static/innohub.js", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_text_is_compressed_for_whoever_takes_it(visitor: Visitor) -> None:
    name = "/static/vendor/govuk-frontend.min.css"
    small = await visitor.client.get(name, headers={"Accept-Encoding": "gzip"})
    plain = await visitor.client.get(name, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content == all_assets()[name.removeprefix("/static/")].content
    compressed = all_assets()["vendor/govuk-frontend.min.css"].compressed
    assert compressed
    assert len(compressed) * 5 < len(gzip.decompress(compressed))


async def test_nothing_outside_of_the_folder_is_served(visitor: Visitor) -> None:
    for path in ("/static/../page.py", "/static/%2e%2e/page.py", "/static/vendor", "/static/"):
        assert (await visitor.client.get(path)).status_code == 404


async def test_there_is_a_favicon(visitor: Visitor) -> None:
    answer = await visitor.client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/svg+xml"


def test_the_crown_and_its_font_are_not_ours_to_show() -> None:
    style = all_assets()["vendor/govuk-frontend.min.css"].content.decode()
    assert "GDS Transport" not in style
    assert "crest" not in style
