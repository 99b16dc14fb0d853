"""The guides to connectors, for whoever sets up the other side."""

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from innohub.hub.connectors.registry import Registry
from innohub.web.guides import as_page
from tests.web.visitor import Visitor

NAMES = [connector.manifest.name for connector in Registry.load()]


@pytest.mark.parametrize("name", NAMES)
async def test_each_connector_has_its_guide_for_everybody(visitor: Visitor, name: str) -> None:
    page = await visitor.see(f"/integrations/guides/{name}")
    assert page.status == 200
    guide = page.document.one("main").text
    assert "What to set up on your side" in guide
    assert "**" not in guide


async def test_a_guide_names_the_redirect_address_where_one_is_registered(
    visitor: Visitor,
) -> None:
    page = await visitor.see("/integrations/guides/jira")
    assert "/integrations/callback" in page.document.one("main").text
    page = await visitor.see("/integrations/guides/salesforce")
    assert "/integrations/callback" not in page.document.one("main").text


async def test_there_is_no_guide_to_a_connector_that_is_not_there(visitor: Visitor) -> None:
    assert (await visitor.see("/integrations/guides/telepathy")).status == 404


def test_a_guide_has_our_styles_and_scrolls_what_is_wide() -> None:
    shown = as_page("# Filing\n\nOne `key`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n{}\n```\n")
    assert '<h1 class="govuk-heading-l">Filing</h1>' in shown
    assert '<code class="innohub-code">key</code>' in shown
    assert '<th class="govuk-table__header" scope="col">a</th>\n' in shown
    assert len(re.findall(r'<div class="innohub-scroll"', shown)) == 2


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[go](javascript:alert(1))",
        '<a href="https://elsewhere.example">x</a>',
        "![x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_nothing_in_a_guide_runs(hostile: str) -> None:
    shown = as_page(f"# T\n\n{hostile}\n")
    assert not re.search(r"<script|<a\b|<img", shown)


@pytest.mark.parametrize("name", NAMES)
def test_cleaning_takes_nothing_from_the_guides_that_are_shipped(name: str) -> None:
    guide = Registry.load().get(name).readme
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide)
    shown = re.sub(r'<div class="innohub-scroll"[^>]*>|</div>', "", as_page(guide))
    assert text_and_links(shown) == text_and_links(made)


def text_and_links(html: str) -> list[str]:
    plain = re.sub(r"<(?!a )(\w+)[^>]*>", r"<\1>", html)
    return [unescape(found) for found in re.findall(r'href="[^"]*"|[^<>]+(?=<)', plain)]


def test_the_readmes_links_lead_out_of_the_hub_or_nowhere() -> None:
    """A relative address would lead to a page that is not there."""
    for connector in Registry.load():
        for address in re.findall(r"\]\(([^)]+)\)", connector.readme):
            assert address.startswith("https://"), (connector.manifest.name, address)
