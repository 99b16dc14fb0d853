"""Whether pip-audit could judge every package of a lock file, and found nothing.

It says "no known vulnerabilities" also where it could not reach its data, or skipped a package:
here only a package that it judged is one that passes. `judged.py FOUND LOCK`.
"""

import json
import re
import sys
from pathlib import Path

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def verdict(found: str, lock: str) -> list[str]:
    """What stands against it; empty where every package was judged and none is vulnerable."""
    try:
        rows = json.loads(found)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return ["pip-audit gave no judgement: its data could not be reached, or it failed."]
    judged = {normal(row["name"]) for row in rows if "vulns" in row and "skip_reason" not in row}
    wanted = {normal(name) for name in PINNED.findall(lock)}
    told = [f"{name} was not judged." for name in sorted(wanted - judged)]
    for row in rows:
        told += [f"{row['name']} {row['version']}: {v['id']}" for v in row.get("vulns", ())]
    return told


def main(found: str, lock: str) -> int:
    path = Path(found)
    against = verdict(path.read_text() if path.exists() else "", Path(lock).read_text())
    for line in against or ["Every package was judged, and none has a known vulnerability."]:
        sys.stdout.write(line + "\n")
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
