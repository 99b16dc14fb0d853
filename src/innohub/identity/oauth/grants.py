"""The grants that the hub gives."""

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from innohub.identity.oauth.storage import AUTH_METHODS


class ClientCredentials(ClientCredentialsGrant):
    """A machine acts for its own organisation (RFC 6749 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
