"""How the hub signs in with GitHub, GitLab, HubSpot and ServiceNow, beside how the vendors' own
libraries do."""

from urllib.parse import parse_qs

import pytest

from innohub.db.unit_of_work import utc_now
from innohub.hub.access.client_proof import Client
from innohub.hub.access.token_answer import Granted, NotGranted
from innohub.hub.access.token_endpoint import TokenEndpoint
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.connectors.grants import AuthorizationCode
from innohub.hub.wire.outbound import Outbound
from tests.counterparts.carried import Line, recording_of, shipped_connector
from tests.counterparts.github import a_github
from tests.counterparts.gitlab import BACK, a_gitlab
from tests.counterparts.hubspot import a_portal, of_hubspots_library
from tests.counterparts.issues import TOKEN
from tests.counterparts.rerouting import rerouted
from tests.counterparts.servicenow import CLIENT_SECRET, an_instance, of_servicenows_library
from tests.counterparts.tracked import Tracked, of_library
from tests.hub.keys import rsa_pair

OK = OutcomeClass.OK


async def test_the_app_signs_in_as_the_library_does(outbound: Outbound) -> None:
    async with a_github(rsa_pair()) as github:
        line = Line(shipped_connector("github"), {}, outbound)
        await of_library(Tracked("github", github, line, outbound))
        theirs, begins = github.claims[0], len(github.log.passed)
        grant = shipped_connector("github").manifest.authorise
        assert grant is not None
        config = recording_of("github").settings | {"endpoint": github.url}
        client = Client(config, {"private_key": github.pair.key_pem})

        granted = await TokenEndpoint(outbound, utc_now).fresh(grant, client)

        assert granted.access_token == TOKEN
        ours, sent = github.claims[-1], github.log.passed[begins]
        assert (sent.method, sent.path) == ("POST", github.log.passed[0].path)
        assert ours["iss"] == theirs["iss"] == "Iv23liExample"
        # Back-dated by a minute, for clocks that disagree, and integers all.
        for claims in (ours, theirs):
            assert claims["iat"] == pytest.approx(utc_now().timestamp() - 60, abs=5)
            assert 0 < claims["exp"] - claims["iat"] <= 600


async def test_a_renewal_at_gitlab_names_the_redirect_address_and_ends_both_old_tokens(
    outbound: Outbound,
) -> None:
    async with a_gitlab() as gitlab:
        connector = shipped_connector("gitlab")
        config = recording_of("gitlab").settings | {"endpoint": gitlab.url}
        line = Line(connector, config, outbound, token=TOKEN)
        grant = connector.manifest.authorise
        assert isinstance(grant, AuthorizationCode)
        client = Client(config, {"client_secret": "s3cret"})
        endpoint = TokenEndpoint(outbound, utc_now)
        before = Granted(TOKEN, refresh_token="a-refresh-token")
        await line.send("first")

        after = await endpoint.refreshed(grant, client, before, back=BACK)

        assert (await line.send("newer")).outcome.kind is OutcomeClass.AUTH_EXPIRED
        with pytest.raises(NotGranted) as again:
            await endpoint.refreshed(grant, client, before, back=BACK)
        assert again.value.error == "invalid_grant"
        line.token = after.access_token
        assert (await line.send("newer")).outcome.kind is OK
        assert after.refresh_token == gitlab.refresh


async def test_a_token_of_hubspot_is_renewed_as_the_library_does_it_at_their_newer_address() -> (
    None
):
    async with a_portal() as portal, rerouted(portal.url) as outbound:
        await of_hubspots_library(portal)
        [theirs] = [each for each in portal.log.passed if "/oauth/" in each.path]
        grant = shipped_connector("hubspot").manifest.authorise
        assert isinstance(grant, AuthorizationCode)
        client = Client(recording_of("hubspot").settings, {"client_secret": "s3cret"})
        before = Granted("old", refresh_token="a-refresh-token")

        await TokenEndpoint(outbound, utc_now).refreshed(grant, client, before, back="unused")

        ours = portal.log.passed[-1]
        assert (theirs.path, ours.path) == ("/oauth/v1/token", "/oauth/v3/token")
        assert parse_qs(ours.body) == parse_qs(theirs.body)
        assert "authorization" not in ours.headers


async def test_the_hub_signs_in_with_servicenow_as_the_library_does() -> None:
    async with an_instance() as instance, rerouted(instance.url) as outbound:
        await of_servicenows_library(instance)
        theirs = instance.log.passed[0]
        grant = shipped_connector("servicenow").manifest.authorise
        assert grant is not None
        client = Client(recording_of("servicenow").settings, {"client_secret": CLIENT_SECRET})

        await TokenEndpoint(outbound, utc_now).fresh(grant, client)

        ours = instance.log.passed[-1]
        assert (ours.path, parse_qs(ours.body)) == (theirs.path, parse_qs(theirs.body))
