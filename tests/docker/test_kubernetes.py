"""The manifests, judged by the schemas of Kubernetes and by what we ask of our pods."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from innohub.settings import environment_names
from tests.docker.test_image import COMMANDS, DOCKER

FOLDER = DOCKER / "kubernetes"


def _documents() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from ((path, document) for document in yaml.safe_load_all(path.read_text()))


DOCUMENTS = list(_documents())
NAMED = [f"{document['kind']}-{document['metadata']['name']}" for _, document in DOCUMENTS]
PODS = [
    document["spec"]["template"]["spec"]
    for _, document in DOCUMENTS
    if document["kind"] in ("Deployment", "Job")
]


@pytest.mark.parametrize("document", [each for _, each in DOCUMENTS], ids=NAMED)
def test_a_manifest_is_one_by_the_schema_with_nothing_unknown_in_it(
    document: dict[str, Any],
) -> None:
    kubernetes_validate.validate(document, "1.37", strict=True)


def test_every_manifest_is_applied_but_the_example_of_secrets() -> None:
    applied = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    there = {path.name for path, _ in DOCUMENTS}
    assert there - set(applied) == {"secret.example.yaml"}
    assert set(applied) <= there


@pytest.mark.parametrize("pod", PODS, ids=[pod["containers"][0]["name"] for pod in PODS])
def test_a_pod_may_nothing_and_writes_nothing(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert container["args"][0] in COMMANDS


def test_a_setting_that_is_named_is_one() -> None:
    named: set[str] = set()
    for _, document in DOCUMENTS:
        if document["kind"] in ("ConfigMap", "Secret"):
            named |= set(document.get("data") or document.get("stringData"))
    assert named <= environment_names()
    assert {"DATABASE_URL", "INNOHUB_BASE_URL", "INNOHUB_SECRET_KEY", "INNOHUB_VAULT_KEY"} <= named


@pytest.mark.parametrize("kind", ["HorizontalPodAutoscaler", "PodDisruptionBudget"])
def test_web_and_workers_have_their_budgets(kind: str) -> None:
    names = [doc["metadata"]["name"] for _, doc in DOCUMENTS if doc["kind"] == kind]
    assert names == ["web", "worker"]


def test_pods_find_each_other_by_their_labels() -> None:
    labels = {
        document["metadata"]["name"]: document["spec"]["template"]["metadata"]["labels"]
        for _, document in DOCUMENTS
        if document["kind"] == "Deployment"
    }
    for _, document in DOCUMENTS:
        if document["kind"] == "Service":
            wanted = document["spec"]["selector"]
        elif document["kind"] == "PodDisruptionBudget":
            wanted = document["spec"]["selector"]["matchLabels"]
        else:
            continue
        assert wanted.items() <= labels[document["metadata"]["name"]].items()
