// A program that is not ours: openid-client, as a supplier's developers would use it.
//
// Reads its set-up as one line of JSON, carries out the steps in order and writes what came of each
// as a line of JSON. Where a person is needed, it writes `visit` and reads where they came back.

import readline from 'node:readline';
import * as jose from 'jose';
import * as client from 'openid-client';

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const line = async () => (await lines.next()).value;
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const setup = JSON.parse(await line());

const key = async (jwk, alg) => ({ key: await jose.importJWK(jwk, alg), kid: jwk.kid });
const proofs = {
  basic: () => client.ClientSecretBasic(setup.secret),
  post: () => client.ClientSecretPost(setup.secret),
  none: () => client.None(),
  private_key_jwt: async () => client.PrivateKeyJwt(await key(setup.jwk, setup.alg)),
};
const config = await client.discovery(
  new URL(setup.issuer),
  setup.client_id,
  setup.metadata ?? {},
  await proofs[setup.proof](),
  { execute: [client.allowInsecureRequests], algorithm: setup.discovery ?? 'oidc' },
);

let tokens;
let DPoP;
if (setup.dpop) DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
const told = (found) => {
  tokens = { ...tokens, ...found };
  return { ...found, claims: found.claims?.() };
};

const steps = {
  async metadata() { return config.serverMetadata(); },
  async client_credentials({ scope }) {
    return told(await client.clientCredentialsGrant(config, { scope }, { DPoP }));
  },
  async code({ scope, parameters = {}, pushed }) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = scope.split(' ').includes('openid') ? client.randomNonce() : undefined;
    const asked = {
      redirect_uri: setup.redirect_uri,
      scope,
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(nonce && { nonce }),
      ...parameters,
    };
    const url = pushed
      ? await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
      : client.buildAuthorizationUrl(config, asked);
    say({ visit: url.href });
    const back = new URL(await line());
    return told(await client.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      ...(parameters.max_age && { maxAge: Number(parameters.max_age) }),
      idTokenExpected: Boolean(nonce),
    }, undefined, { DPoP }));
  },
  async refresh({ token }) {
    return told(await client.refreshTokenGrant(
      config, token ?? tokens.refresh_token, undefined, { DPoP },
    ));
  },
  async introspect() { return client.tokenIntrospection(config, tokens.access_token); },
  async revoke({ which }) {
    await client.tokenRevocation(config, tokens[which ?? 'access_token']);
    return {};
  },
  async userinfo({ subject }) {
    return client.fetchUserInfo(config, tokens.access_token, subject, { DPoP });
  },
  async graphql({ query }) {
    const answer = await client.fetchProtectedResource(
      config, tokens.access_token, new URL('/graphql', setup.issuer), 'POST',
      JSON.stringify({ query }), new Headers({ 'content-type': 'application/json' }), { DPoP },
    );
    return { status: answer.status, ...await answer.json() };
  },
  async end_session({ parameters = {} }) {
    return { url: client.buildEndSessionUrl(config, parameters).href };
  },
};

for (const { do: name, ...given } of setup.steps) {
  try {
    say(await steps[name](given));
  } catch (cause) {
    say({ error: cause.error ?? cause.code ?? cause.message, status: cause.status, cause: String(cause.cause ?? cause) });
  }
}
process.exit(0);
