"""Only a package that was judged is one that passes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

JUDGED = Path(__file__).parents[2] / "requirements/judged.py"
LOCK = "httpx2==2.16 \\\n    --hash=sha256:0\nzope.interface==1\n"
SOUND = [
    {"name": "httpx2", "version": "2.16", "vulns": []},
    {"name": "zope-interface", "version": "1", "vulns": []},
]
SKIPPED = {"name": "httpx2", "skip_reason": "not found"}
VULNERABLE = {"name": "httpx2", "version": "2.16", "vulns": [{"id": "PYSEC-2026-1"}]}


@pytest.mark.parametrize(
    ("found", "passes", "said"),
    [
        (json.dumps({"dependencies": SOUND}), True, "Every package was judged"),
        (json.dumps({"dependencies": SOUND[1:]}), False, "httpx2 was not judged."),
        (json.dumps({"dependencies": [SKIPPED, SOUND[1]]}), False, "httpx2 was not judged."),
        (json.dumps({"dependencies": [VULNERABLE, SOUND[1]]}), False, "PYSEC-2026-1"),
        ("", False, "could not be reached"),
        ("no json", False, "could not be reached"),
    ],
)
def test_what_pip_audit_could_not_judge_does_not_pass(
    tmp_path: Path, found: str, passes: bool, said: str
) -> None:
    (tmp_path / "found.json").write_text(found)
    (tmp_path / "lock.txt").write_text(LOCK)
    command = [
        sys.executable,
        str(JUDGED),
        str(tmp_path / "found.json"),
        str(tmp_path / "lock.txt"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) is passes
    assert said in ran.stdout
