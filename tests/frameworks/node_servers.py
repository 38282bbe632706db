"""The servers of Node, of which `make` installs the packages and compiles what is TypeScript."""

from __future__ import annotations

from .serve import Server

_FOLDER = "docs/examples"

EXPRESS_CLUSTER = Server("express-cluster", _FOLDER, ("node", "express/cluster.js"))

NODE_SERVERS = (
    Server("express-node", _FOLDER, ("node", "express/server.js")),
    EXPRESS_CLUSTER,
    Server("fastify-node", _FOLDER, ("node", "fastify/server.js")),
    Server("koa-node", _FOLDER, ("node", "koa/server.js")),
    Server("hono-node", _FOLDER, ("node", "hono/server.js")),
    Server("nest-node", _FOLDER, ("node", "dist/nest/main.js")),
)
