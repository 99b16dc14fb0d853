"""The stylesheet as we serve it: nothing of GOV.UK's own, nothing left to request."""

import pytest

from innohub.cli.assets import fetch, without_fonts, without_govuk_property
from innohub.errors import InnoHubError

FACE = "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}"
LINK = ".govuk-link{font-family:GDS Transport,arial,sans-serif;color:red}"
CREST = ".govuk-footer:before{mask-image:url(/assets/images/govuk-crest.svg);padding-top:1px}"
ICON = ".arrow{background:url('data:image/svg+xml,x')}"


def test_fonts_and_crest_are_gone_and_the_rest_stays() -> None:
    map_line = "/*# sourceMappingURL=govuk-frontend.min.css.map */\n"
    assert without_govuk_property(FACE + LINK + CREST + ICON + map_line) == (
        ".govuk-link{font-family:var(--innohub-font,arial,sans-serif);color:red}"
        ".govuk-footer:before{mask-image:none;padding-top:1px}"
        ".arrow{background:url('data:image/svg+xml,x')}"
    )


@pytest.mark.parametrize(
    "addition", [".new{background:url(/assets/images/crown.svg)}", ".new{font:GDS Transport}", None]
)
def test_a_release_of_another_shape_is_refused(addition: str | None) -> None:
    with pytest.raises(InnoHubError, match="in a new way"):
        without_govuk_property(LINK + addition if addition else ".govuk-link{color:red}")


def test_the_explorer_brings_no_fonts_and_asks_for_nothing() -> None:
    face = "@font-face{font-family:Roboto;src:url(data:font/woff2;base64,AAAA) format('woff2')}"
    assert without_fonts(face + ICON) == ICON
    for more in ('@import "roboto.css";', ".a{background:url(https://cdn.example/a.png)}"):
        with pytest.raises(InnoHubError, match="asks for more"):
            without_fonts(ICON + more)


def test_outside_a_checkout_it_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(InnoHubError, match=r"no package-lock\.json"):
        fetch(tmp_path_factory.mktemp("elsewhere"))
