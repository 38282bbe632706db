"""The servers that stand before the table: each an example application, started as its users start it."""

from __future__ import annotations

import sys

from .serve import Server

_EXAMPLES = "docs/examples"
_UVICORN = (sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--no-access-log")
_GUNICORN = (
    *(sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}"),
    # What gunicorn 27 writes beside the application is none of this project's.
    "--no-control-socket",
)

FLASK_PRELOADED = Server("flask-gunicorn", f"{_EXAMPLES}/flask", (*_GUNICORN, "--preload", "--workers", "2", "app:app"))
FASTAPI_WORKERS = Server("fastapi-uvicorn-workers", f"{_EXAMPLES}/fastapi", (*_UVICORN, "--workers", "2", "app:app"))
# `make` installs the packages of these, and compiles what is TypeScript.
EXPRESS_CLUSTER = Server("express-cluster", f"{_EXAMPLES}/express", ("node", "cluster.js"))

SERVERS = (
    Server("asgi-uvicorn", f"{_EXAMPLES}/asgi", (*_UVICORN, "app:app")),
    Server("starlette-uvicorn", f"{_EXAMPLES}/starlette", (*_UVICORN, "app:app")),
    Server("fastapi-uvicorn", f"{_EXAMPLES}/fastapi", (*_UVICORN, "app:app")),
    FASTAPI_WORKERS,
    FLASK_PRELOADED,
    Server(
        "flask-run",
        f"{_EXAMPLES}/flask",
        (sys.executable, "-m", "flask", "run", "--host", "127.0.0.1", "--port", "{port}"),
    ),
    Server(
        "django-gunicorn",
        f"{_EXAMPLES}/django",
        (*_GUNICORN, "--preload", "--workers", "2", "--threads", "2", "wsgi:application"),
    ),
    Server(
        "django-runserver",
        f"{_EXAMPLES}/django",
        (sys.executable, "manage.py", "runserver", "--noreload", "127.0.0.1:{port}"),
    ),
    Server("django-uvicorn", f"{_EXAMPLES}/django", (*_UVICORN, "asgi:application")),
    Server("drf-gunicorn", f"{_EXAMPLES}/drf", (*_GUNICORN, "--preload", "--workers", "2", "wsgi:application")),
    Server(
        "drf-runserver",
        f"{_EXAMPLES}/drf",
        (sys.executable, "manage.py", "runserver", "--noreload", "127.0.0.1:{port}"),
    ),
    Server("express-node", f"{_EXAMPLES}/express", ("node", "server.js")),
    EXPRESS_CLUSTER,
    Server("fastify-node", f"{_EXAMPLES}/fastify", ("node", "server.js")),
    Server("koa-node", f"{_EXAMPLES}/koa", ("node", "server.js")),
    Server("hono-node", f"{_EXAMPLES}/hono", ("node", "server.js")),
    Server("nest-node", f"{_EXAMPLES}/nest", ("node", "../dist/nest/main.js")),
)
