"""PyGithub at work: signs in as an app, looks a label up, makes and edits an issue, and meets
refusals."""

import json
import sys
from datetime import datetime

# This file is called like the library.
sys.path.pop(0)
from github import Auth, Github, GithubException, GithubIntegration

given = json.load(sys.stdin)
said = {}


def tell(name, step):
    try:
        said[name] = step()
    except GithubException as error:
        said[name] = {"status": error.status, "message": error.data.get("message")}


app = Auth.AppAuth(given["app_id"], given["private_key"])
integration = GithubIntegration(base_url=given["url"], auth=app)
said["token"] = integration.get_access_token(int(given["installation"])).token
github = Github(
    base_url=given["url"],
    auth=Auth.Token(said["token"]),
    per_page=10,
    retry=None,
    seconds_between_writes=None,
    seconds_between_requests=None,
)
repository = github.get_repo(given["repository"], lazy=True)
wanted = {"labels": [given["key"]], "state": "all", "sort": "created", "direction": "asc"}


def found():
    return [each.number for each in repository.get_issues(**wanted)]


tell("absent", found)
issue = repository.create_issue(**given["first"])
said["made"] = issue.number
tell("edited", lambda: issue.edit(**given["newer"]))
tell("found", found)
tell("refused", lambda: repository.create_issue(title="").number)
since = datetime.fromisoformat(given["since"])
order = {"sort": "created", "direction": "asc", "since": since}
tell(
    "changed",
    lambda: [
        [each.number for each in repository.get_issues(labels=["innohub"], state="all", **order)],
        [each.body for each in repository.get_issues_comments(**order)],
    ],
)
given["spend"] and tell("spent", lambda: [found() for _ in range(given["spend"])])
json.dump(said, sys.stdout)
