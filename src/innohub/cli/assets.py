"""Fetches the front-end packages of package-lock.json and copies what the pages use.

GOV.UK Frontend is used without what belongs to GOV.UK alone: the GDS Transport font, licensed for
gov.uk only, and the crown and crest. Its compiled stylesheet names both, so that part is rewritten
as it is copied: the font family becomes ours, and nothing is left to request.

GraphiQL, the API's explorer, is the last major version that runs under our content security policy
(the next one writes style elements all the time). It brings fonts as data, which go the same way.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from innohub.errors import InnoHubError

OLDEST_NPM = 7
"""The first to read version 3 of package-lock.json."""
ONLY_TESTS_NEED = "axe-core"
LEAVE_OUT = ["--omit=dev"]
FONT = "var(--innohub-font,arial,sans-serif)"
EXPLORER = {
    "react.min.js": "react/umd/react.production.min.js",
    "react-dom.min.js": "react-dom/umd/react-dom.production.min.js",
    "graphiql.min.js": "graphiql/graphiql.min.js",
    "graphiql.license.txt": "graphiql/LICENSE",
}
EXPLORER_STYLE = "graphiql/graphiql.min.css"


def fetch(checkout: Path, *, tests: bool = False) -> None:
    """Fill `node_modules` and `static/vendor`; quick where both are up to date. Servers and judges
    that only tests need come with `tests`, and stay once they are there.

    Raises InnoHubError outside a source checkout, where npm fails, and where a new release of
    GOV.UK Frontend no longer has the shape that is rewritten here.
    """
    lock = checkout / "package-lock.json"
    if not lock.exists():
        raise InnoHubError(f"{checkout} holds no package-lock.json: run this in a source checkout.")
    wanted = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    vendor = checkout / "src/innohub/web/static/vendor"
    modules = checkout / "node_modules"
    whole = (modules / ONLY_TESTS_NEED).exists()
    stamps = [vendor / ".stamp", modules / ".stamp"]
    if (whole or not tests) and all(
        stamp.exists() and stamp.read_text() == wanted for stamp in stamps
    ):
        return
    _install(checkout, whole=whole or tests)
    _copy(modules / "govuk-frontend" / "dist" / "govuk", vendor)
    _copy_explorer(modules, vendor)
    for stamp in stamps:
        stamp.write_text(wanted)


def _install(checkout: Path, *, whole: bool) -> None:
    npm = _npm() or _npm_from_wheel(checkout)
    print("Fetching the front-end packages", flush=True)  # noqa: T201
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([*install, *([] if whole else LEAVE_OUT)], cwd=checkout, check=False)
    if done.returncode != 0:
        raise InnoHubError("npm could not fetch the front-end packages: see its words above.")


def _npm() -> str | None:
    """npm of the machine, or of an earlier installation from the wheel."""
    beside_python = str(Path(sys.executable).parent)
    for npm in (shutil.which("npm"), shutil.which("npm", path=beside_python)):
        if npm:
            told = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
            major = told.stdout.strip().partition(".")[0]
            if told.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
                return npm
    return None


def _npm_from_wheel(checkout: Path) -> str:
    print("This machine has no npm: installing one beside Python", flush=True)  # noqa: T201
    requirements = checkout / "requirements" / "node.txt"
    pip = [sys.executable, "-m", "pip", "install", "--require-hashes", "-r", str(requirements)]
    subprocess.run(pip, check=False)
    npm = _npm()
    if npm is None:
        raise InnoHubError("npm could not be installed: see pip's words above.")
    return npm


def _copy(package: Path, vendor: Path) -> None:
    vendor.mkdir(parents=True, exist_ok=True)
    style = (package / "govuk-frontend.min.css").read_text()
    (vendor / "govuk-frontend.min.css").write_text(without_govuk_property(style))
    script = (package / "govuk-frontend.min.js").read_text()
    (vendor / "govuk-frontend.min.js").write_text(_without_source_map(script))


def _copy_explorer(modules: Path, vendor: Path) -> None:
    for name, source in EXPLORER.items():
        (vendor / name).write_text(_without_source_map((modules / source).read_text()))
    style = (modules / EXPLORER_STYLE).read_text()
    (vendor / "graphiql.min.css").write_text(without_fonts(style))


def without_fonts(style: str) -> str:
    """GraphiQL's stylesheet without its fonts, and with no address outside of itself."""
    style = re.sub(r"@font-face\s*\{[^}]*\}", "", _without_source_map(style))
    left = re.search(r"@import|url\((?!['\"]?data:image/)[^)]*\)", style)
    if left:
        raise InnoHubError(
            f"This release of GraphiQL asks for more: {left.group()}. Adapt innohub.cli.assets."
        )
    return style


def without_govuk_property(style: str) -> str:
    """The stylesheet with our font family, and with no address of a font, crown or crest."""
    style = re.sub(r"@font-face\s*\{[^}]*\}", "", _without_source_map(style))
    style = re.sub(r"""["']?GDS Transport["']?,\s*arial,\s*sans-serif""", FONT, style)
    style = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", style)
    left = re.search(r"GDS Transport|url\((?!['\"]?data:)[^)]*\)", style)
    if left or FONT not in style:
        raise InnoHubError(
            "This release of GOV.UK Frontend names fonts or images in a new way"
            f"{f': {left.group()}' if left else ''}. Adapt innohub.cli.assets."
        )
    return style


def _without_source_map(text: str) -> str:
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", "", text)
