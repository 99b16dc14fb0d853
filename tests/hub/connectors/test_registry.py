"""Connector folders: shipped ones, added ones, and what is refused with file, line and reason."""

import importlib
import re
from pathlib import Path

import pytest

from innohub.errors import Invalid, NotFound
from innohub.hub.configuration import check_subscription
from innohub.hub.connectors import registry
from innohub.hub.connectors.grants import JwtBearer
from innohub.hub.connectors.registry import Registry, shipped

MANIFEST = """\
name: filing
title: Filing cabinet
summary: Puts events away.
promise: at_least_once
settings:
  - name: endpoint
    title: Where
    kind: url
write:
  method: PUT
  url: "{config.endpoint}/{event.external_key}"
answers:
  ok: [200, 201]
"""
LISTING = """\
listing:
  url: "{config.endpoint}"
  headers: {x-number: "{event.seq}"}
  items: body
  returns: {key: key}
"""
MAPPING = """\
body:
  kind: "{event.type}"
"""


def a_folder(root: Path, manifest: str = MANIFEST, mapping: str = MAPPING) -> Path:
    folder = root / "filing"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(manifest)
    (folder / "mapping.yaml").write_text(mapping)
    (folder / "README.md").write_text("# Filing\n")
    return folder


def test_the_shipped_connectors_are_sound() -> None:
    assert "webhook" in [connector.manifest.name for connector in Registry.load()]
    assert (shipped() / "webhook" / "manifest.yaml").is_file()


def test_every_event_that_a_shipped_connector_suggests_is_one_that_there_is() -> None:
    # With it every capability is there, and has declared its events.
    importlib.import_module("innohub.app")
    for connector in Registry.load():
        check_subscription(connector.manifest.suggested_events)


def test_a_setting_adds_folders(tmp_path: Path) -> None:
    a_folder(tmp_path)
    found = Registry.load([tmp_path])
    assert found.get("filing").manifest.title == "Filing cabinet"
    assert found.get("webhook").manifest.signature == "standard_webhooks"


def test_two_connectors_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path).rename(tmp_path / "webhook")
    (folder / "manifest.yaml").write_text(MANIFEST.replace("name: filing", "name: webhook"))
    with pytest.raises(Invalid, match="called webhook already"):
        Registry.load([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such folder"):
        Registry.load([tmp_path / "nowhere"])


def test_an_unknown_connector_is_not_found() -> None:
    with pytest.raises(NotFound):
        Registry.load().get("telepathy")


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("title: Filing", "titel: Filing", 2, "unknown key"),
        ("    kind: url", "    kidn: url", 8, "unknown key"),
        ("  method: PUT", "  method: DELETE", 10, "'POST', 'PUT' or 'PATCH'"),
        ("  ok: [200, 201]", "  ok: [200, 9xx]", 13, "neither a status"),
        ("promise: at_least_once", "promise: always", 4, "Input should be"),
        ("{event.external_key}", "{event.colour}", 11, "{event.colour} names nothing"),
        ("{config.endpoint}", "{config.address}", 11, "{config.address} names nothing"),
        ("write:", "write:\n  method: POST", 11, "given twice"),
        ("name: filing", "name: archive", 1, "the folder is called filing"),
        ("settings:", "settings: [", 6, "expected"),
        ("answers:\n  ok: [200, 201]\n", "", 1, "Field required"),
        ("ok: [200, 201]", "ok: [200]\n  because: 'body['", 14, "not a JMESPath expression"),
        ("ok: [200, 201]", "ok: [200]\n  because: shout(body)", 14, "no function called shout"),
        ("settings:", "verify: true\nsettings:", 1, "verify needs read"),
        ("write:", "create:", 1, "create and update go together"),
        ("answers:", f"{LISTING}answers:", 14, "{event.seq} names nothing; there is config.endp"),
    ],
)
def test_a_faulty_manifest_is_refused_with_line_and_reason(
    tmp_path: Path, before: str, after: str, line: int, reason: str
) -> None:
    assert before in MANIFEST
    folder = a_folder(tmp_path, MANIFEST.replace(before, after, 1))
    with pytest.raises(Invalid) as refusal:
        registry.load(folder)
    message = refusal.value.message
    assert message.startswith(f"{folder / 'manifest.yaml'}, line {line}: ")
    assert reason in message
    assert refusal.value.problems[0].row == line


def test_a_faulty_mapping_is_refused_with_line_and_reason(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, mapping=MAPPING + '  when: "{event.tomorrow}"\n')
    with pytest.raises(Invalid, match=r"mapping\.yaml, line 3: body\.when: \{event\.tomorrow\}"):
        registry.load(folder)


def test_a_body_may_name_the_fields_that_are_mapped_and_no_others(tmp_path: Path) -> None:
    mapping = 'fields: {title: event.type}\nbody:\n  line: "{fields.title}"\n'
    registry.load(a_folder(tmp_path, mapping=mapping))
    (tmp_path / "filing" / "mapping.yaml").write_text(mapping.replace(".title", ".text"))
    with pytest.raises(Invalid, match=r"mapping\.yaml, line 3: body\.line: \{fields\.text\} names"):
        registry.load(tmp_path / "filing")


def test_an_expression_that_does_not_parse_is_refused_with_line_and_reason(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, mapping="fields:\n  Name: event.type\n  Effect: 'event.['\n")
    with pytest.raises(Invalid, match=r"mapping\.yaml, line 3: fields\.Effect: not a JMESPath"):
        registry.load(folder)


def test_every_fault_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    faulty = MANIFEST.replace("title: Filing", "titel: Filing").replace("PUT", "DELETE")
    with pytest.raises(Invalid) as refusal:
        registry.load(a_folder(tmp_path, faulty))
    assert {problem.row for problem in refusal.value.problems} == {1, 2, 10}


@pytest.mark.parametrize("content", ["", "just text", "- a\n- list\n", "\xff\xfe"])
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: str) -> None:
    folder = a_folder(tmp_path)
    (folder / "manifest.yaml").write_bytes(content.encode("latin-1"))
    with pytest.raises(Invalid, match=r"manifest\.yaml"):
        registry.load(folder)


def test_a_connector_without_a_readme_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "README.md").unlink()
    with pytest.raises(Invalid, match=r"README\.md"):
        registry.load(folder)


def test_the_guides_example_is_a_sound_connector(tmp_path: Path) -> None:
    guide = Path(__file__).parents[3] / "docs" / "write-a-connector.md"
    manifest, mapping = re.findall(r"```yaml\n(.*?)```", guide.read_text(), re.DOTALL)
    assert registry.load(a_folder(tmp_path, manifest, mapping)).manifest.secrets


VARIANTS = """\
variants:
  patch:
    title: Filing cabinet, changed
    write:
      method: PATCH
      url: "{config.endpoint}/{record.key}"
"""


def test_a_variant_is_a_connector_of_its_own_with_the_parts_it_names(tmp_path: Path) -> None:
    found = Registry.load([a_folder(tmp_path, MANIFEST + VARIANTS).parent])
    whole, varied = found.get("filing").manifest, found.get("filing_patch").manifest
    assert (varied.title, varied.summary) == ("Filing cabinet, changed", whole.summary)
    assert whole.write is not None
    assert varied.write is not None
    assert (whole.write.method, varied.write.method) == ("PUT", "PATCH")
    assert varied.variants == {}
    assert found.get("filing_patch").readme == found.get("filing").readme


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("      method: PATCH", "      methud: PATCH", 18, "write.methud: unknown key"),
        ("    write:", "    wright:", 17, "wright: unknown key"),
        ("{record.key}", "{record.colour}", 19, "{record.colour} names nothing"),
        ("    title: Filing cabinet, changed\n", "", 15, "give it a title"),
        ("    title: Fil", "    name: fil\n    title: Fil", 16, "the name is the variant's own"),
        ("  patch:", "  Patch:", 15, "String should match"),
    ],
)
def test_a_faulty_variant_is_refused_with_line_and_reason(
    tmp_path: Path, before: str, after: str, line: int, reason: str
) -> None:
    assert before in VARIANTS
    folder = a_folder(tmp_path, MANIFEST + VARIANTS.replace(before, after, 1))
    with pytest.raises(Invalid) as refusal:
        registry.load(folder)
    message = refusal.value.message
    assert reason in message
    assert message.startswith(f"{folder / 'manifest.yaml'}, line {line}: ")


AUTHORISE = """\
authorise:
  grant: jwt_bearer
  token_url: "{config.endpoint}/token"
  assertion:
    issuer: InnoHub
    algorithm: RS256
  keep: [instance_url]
secrets:
  - {name: private_key, title: Key}
"""


def test_a_grant_is_read_by_its_name(tmp_path: Path) -> None:
    grant = registry.load(a_folder(tmp_path, MANIFEST + AUTHORISE)).manifest.authorise
    assert isinstance(grant, JwtBearer)
    assert (grant.client_auth, grant.assertion.lifetime_seconds) == ("none", 180)


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("grant: jwt_bearer", "grant: password", 15, "grant: 'password' is none of 'client_cre"),
        ("  grant: jwt_bearer\n", "", 14, "authorise.grant: Field required"),
        ("  token_url:", "  token_uri:", 16, "authorise.token_uri: unknown key"),
        ("issuer: InnoHub", "isuer: InnoHub", 18, "authorise.assertion.isuer: unknown key"),
        ("RS256", "none", 19, "authorise.assertion.algorithm: Input should be 'RS256'"),
        ("{config.endpoint}", "{event.seq}", 16, "{event.seq} is not known yet"),
        ("{config.endpoint}", "{config.token}", 16, "{config.token} names nothing"),
        ("instance_url", "access_token", 20, "authorise.keep.0: tokens are kept"),
        ("private_key, title", "client_secret, title", 17, "needs the secret private_key"),
        ("{config.endpoint}", "{token.instance_url}", 16, "is not known yet"),
        ("keep:", "client_auth: private_key_jwt\n  keep:", 20, "needs a client_id"),
        ("private_key, title", "password, title", 22, "Input should be 'client_secret'"),
        ("algorithm: RS256", "certificate_thumbprint: x5t", 17, "needs the secret client_certif"),
        (
            "  keep",
            "  client_id: us\n  client_auth: client_secret_post\n  keep",
            21,
            "client_secret",
        ),
        (
            "  keep",
            "  client_id: us\n  client_auth: tls_client_auth\n  keep",
            21,
            "client_certific",
        ),
    ],
)
def test_a_faulty_grant_is_refused_with_line_and_reason(
    tmp_path: Path, before: str, after: str, line: int, reason: str
) -> None:
    assert before in AUTHORISE
    folder = a_folder(tmp_path, MANIFEST + AUTHORISE.replace(before, after, 1))
    with pytest.raises(Invalid) as refusal:
        registry.load(folder)
    message = refusal.value.message
    assert message.startswith(f"{folder / 'manifest.yaml'}, line {line}: ")
    assert reason in message
