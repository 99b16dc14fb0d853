"""What README.md says to type is typed, as it stands there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.conftest import RunningHub

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_first_call_of_the_api_drafts_a_technology(hub: RunningHub) -> None:
    (block,) = re.findall(r"## Call the API.*?```\n(HUB=.*?)```", README.read_text(), re.DOTALL)
    script, named = re.subn(r"^HUB=\S+", f"HUB={hub.address}", block)
    assert named == 1
    accounts = json.loads((hub.settings.data_dir / "demo-accounts.json").read_text())
    client = next(row for row in accounts if "listings.write" in row.get("scopes", ""))
    given = {"CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"]}
    typed = subprocess.run(
        ["sh", "-euc", script], env=hub.environment | given, capture_output=True, check=True
    )
    drafted = json.loads(typed.stdout)["data"]["draftTechnology"]["technology"]
    assert drafted["slug"] == "kerb-sense"
