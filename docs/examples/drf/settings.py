"""Settings of an API of Django REST framework."""

import json
import os

SECRET_KEY = os.environ.get("SECRET_KEY", "for this example only")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

audience = os.environ.get("AT9068_AUDIENCE", "https://api.example/")
AT9068 = {
    "issuer": os.environ["AT9068_ISSUER"],
    "audience": audience,
    "realm": "patients",
    "protected_resource": {"resource": audience, "scopes_supported": ["read:patients"]},
    "issuer_cache": json.loads(os.environ.get("AT9068_ISSUER_CACHE", "{}")),
}
INSTALLED_APPS = ["rest_framework"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["at9068.contrib.drf.AccessTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["at9068.contrib.drf.AccessTokenPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "at9068.contrib.drf.exception_handler",
    # There are no users in a database.
    "UNAUTHENTICATED_USER": None,
}
