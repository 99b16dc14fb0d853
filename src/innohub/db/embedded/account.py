"""The account PostgreSQL runs under when we are root, which it refuses to be."""

import logging
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

PASS_THROUGH = stat.S_IXOTH
READ = stat.S_IROTH


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def unprivileged(cluster: Path) -> Account | None:
    """None unless we are root: then the owner of the cluster, or `nobody` for a new one."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def let_reach(folder: Path) -> None:
    """Let other accounts pass through every folder down to this one, without listing it."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & PASS_THROUGH:
            logger.warning("chmod o+x %s: PostgreSQL cannot run as root and must pass it", step)
            step.chmod(mode | PASS_THROUGH)


def let_read(tree: Path) -> None:
    """Let other accounts read `tree`, which a strict umask may have closed at installation."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | READ | (PASS_THROUGH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)
