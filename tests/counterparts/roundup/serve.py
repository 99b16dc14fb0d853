"""Makes a tracker of Roundup and serves it on this machine alone. Run by Roundup's own Python.

Arguments: a folder to be made, the port, the address under which the tracker is known, and how many
calls a minute one user has (0: any number). Roundup's own server refuses to run as root; its WSGI
application does not.
"""

import sys
from pathlib import Path

from roundup import instance
from roundup.admin import AdminTool
from roundup.cgi.wsgi_handler import RequestDispatcher
from roundup.password import Password
from waitress import serve

SECRET = "a secret of sixty-four characters for the tests of one machine"
OURS = {
    # The supplier's administrator adds two properties, and lets their people use the REST API.
    'issue = IssueClass(db, "issue",': (
        'issue = IssueClass(db, "issue", innohub_key=String(), innohub_revision=Integer(),'
    ),
}


def make(home: Path, address: str, calls_a_minute: int) -> None:
    settings = (
        f"rdbms_backend=sqlite,tracker_web={address}/,mail_domain=example.test,mail_host=localhost,"
        f"admin_email=nobody@example.test,web_jwt_secret={SECRET},"
        f"web_api_calls_per_interval={calls_a_minute},web_api_interval_in_sec=60"
    )
    AdminTool().do_install(str(home), ["install", "classic", "sqlite", settings])
    schema = home / "schema.py"
    text = schema.read_text()
    for theirs, changed in OURS.items():
        assert theirs in text
        text = text.replace(theirs, changed)
    schema.write_text(text)
    tracker = instance.open(str(home))
    tracker.init(Password("not used", config=tracker.config), tx_Source="cli")
    db = tracker.open("admin")
    db.user.create(username="innohub", roles="User", address="innohub@example.test")
    db.commit()
    db.close()


if __name__ == "__main__":
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    make(home, sys.argv[3], int(sys.argv[4]))
    serve(RequestDispatcher(str(home)), host="127.0.0.1", port=port, threads=8)
