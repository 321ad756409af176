"""Flask with Authlib, as in Auth0's quickstart for Python APIs. No GraphQL."""

import json
import os
from urllib.request import urlopen

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.jose.rfc7517.jwk import JsonWebKey
from authlib.oauth2.rfc7523 import JWTBearerTokenValidator
from flask import Flask, jsonify, request


class BearerTokenValidator(JWTBearerTokenValidator):
    def __init__(self, issuer, audience):
        keys = json.loads(urlopen(f"{issuer}.well-known/jwks.json").read())
        super().__init__(JsonWebKey.import_key_set(keys))
        self.claims_options = {
            "exp": {"essential": True},
            "aud": {"essential": True, "value": audience},
            "iss": {"essential": True, "value": issuer},
        }


require_auth = ResourceProtector()
require_auth.register_token_validator(
    BearerTokenValidator(os.environ["OIDC_ISSUER"], os.environ["OIDC_AUDIENCE"])
)

app = Flask(__name__)


@app.post("/graphql")
@require_auth("read:messages")
def guarded():
    request.get_json()
    message = "Hello from a field for those who may read messages."
    return jsonify(data={"guarded": {"message": message}})
