// An authorization server that is not ours: oidc-provider, as a connector's system might run it.
//
// Reads its set-up as JSON from standard input, writes its address as one line of JSON, and serves
// until its input ends. Listens on this machine alone.

import http from 'node:http';
import https from 'node:https';
import readline from 'node:readline';
import * as jose from 'jose';
import Provider, { errors } from 'oidc-provider';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOLERANCE = 15;

const lines = readline.createInterface({ input: process.stdin });
const setup = JSON.parse(await new Promise((read) => { lines.once('line', read); }));
// Whoever started us is gone when our input ends.
lines.on('close', () => process.exit(0));

const seen = { granted: [], refused: [], authorised: [], revoked: 0 };
const server = setup.tls
  ? https.createServer({ ...setup.tls, requestCert: true, rejectUnauthorized: false })
  : http.createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const scheme = setup.tls ? 'https' : 'http';
const issuer = `${scheme}://${setup.host}:${server.address().port}`;

const certificate = (ctx) => ctx.req.socket.getPeerX509Certificate();

// As an organisation's identity provider: who its people are, by their logins.
const people = setup.people && {
  findAccount: (ctx, id) => setup.people[id] && {
    accountId: id, claims: () => ({ sub: id, ...setup.people[id] }),
  },
  claims: {
    openid: ['sub', 'groups', 'tid'], email: ['email', 'email_verified'], profile: ['name'],
    acr: null, auth_time: null, sid: null,
  },
  conformIdTokenClaims: false,
  acrValues: ['several'],
};

const provider = new Provider(issuer, {
  ...people,
  clients: setup.clients,
  clientDefaults: { response_types: [], redirect_uris: [], grant_types: ['client_credentials'] },
  scopes: ['openid', 'offline_access', 'records', 'email', 'profile'],
  clientAuthMethods: [
    'none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth',
    'self_signed_tls_client_auth',
  ],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
  clockTolerance: TOLERANCE,
  cookies: { keys: ['for tests alone'] },
  pkce: { required: () => true },
  // Every refresh token counts once; whoever shows a spent one ends the whole family.
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: setup.seconds, ClientCredentials: setup.seconds, RefreshToken: 3600, Grant: 3600,
    Session: 3600, Interaction: 600, IdToken: 600, AuthorizationCode: 60,
  },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      certificateBoundAccessTokens: true,
      getCertificate: certificate,
      certificateAuthorized: (ctx) => ctx.req.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) => (
        certificate(ctx).subject === expected
      ),
    },
  },
});

// RFC 7523 section 2.1: the assertions of `setup.bearer`, each counted once.
const shown = new Set();
provider.registerGrantType(JWT_BEARER, async (ctx) => {
  const { client, params } = ctx.oidc;
  const known = setup.bearer;
  let payload;
  try {
    ({ payload } = await jose.jwtVerify(params.assertion, await jose.importJWK(known.jwk), {
      issuer: known.issuer,
      subject: known.subject,
      audience: `${issuer}/token`,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: '5m',
    }));
  } catch (cause) {
    throw new errors.InvalidGrant(cause.message);
  }
  if (shown.has(payload.jti)) throw new errors.InvalidGrant('this assertion was shown before');
  shown.add(payload.jti);
  const token = new provider.ClientCredentials({ client, scope: params.scope });
  ctx.body = {
    access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration,
    instance_url: setup.instance,
  };
}, ['assertion', 'scope']);

// As GitHub answers an app: a JWT as bearer, a token in `token`, its end in `expires_at`.
async function installation(ctx) {
  const bearer = (ctx.get('authorization') || '').replace(/^Bearer /, '');
  try {
    const { payload } = await jose.jwtVerify(bearer, await jose.importJWK(setup.app.jwk), {
      issuer: setup.app.id, requiredClaims: ['iat', 'exp'], algorithms: ['RS256'],
    });
    if (payload.exp - payload.iat > 660) throw new Error('lives too long');
  } catch (cause) {
    ctx.status = 401;
    ctx.body = { message: `A JSON web token could not be decoded: ${cause.message}` };
    return;
  }
  ctx.status = 201;
  const end = new Date(Date.now() + 3600e3).toISOString().replace(/\.\d+Z/, 'Z');
  ctx.body = { token: 'ghs_0123456789', expires_at: end, permissions: { issues: 'write' } };
}

// Its sign-in page asks for a name alone. Whoever has an `acr` is taken to have shown several factors.
async function shownBy(ctx, next) {
  const octets = [];
  for await (const part of ctx.req) octets.push(part);
  ctx.req.body = Object.fromEntries(new URLSearchParams(Buffer.concat(octets).toString()));
  const { prompt, login } = ctx.req.body;
  const acr = prompt === 'login' && setup.people[login]?.acr;
  if (!acr) return next();
  ctx.respond = false;
  return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: login, acr } });
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/seen') ctx.body = seen;
  else if (setup.people && ctx.method === 'POST' && ctx.path.startsWith('/interaction/')) {
    await shownBy(ctx, next);
  }
  else if (ctx.path === '/app/installations/7/access_tokens') await installation(ctx);
  else await next();
});

const told = (ctx) => ({
  client: ctx.oidc?.client?.clientId, grant: ctx.oidc?.params?.grant_type,
  assertion: ctx.oidc?.params?.client_assertion,
});
provider.on('grant.success', (ctx) => seen.granted.push(told(ctx)));
provider.on('grant.error', (ctx, error) => seen.refused.push({
  ...told(ctx), error: error.error, why: error.error_description, detail: error.error_detail,
}));
provider.on('grant.revoked', () => { seen.revoked += 1; });
provider.on('authorization.accepted', (ctx) => seen.authorised.push({ ...ctx.oidc.params }));

server.on('request', provider.callback());
process.stdout.write(`${JSON.stringify({ issuer })}\n`);
