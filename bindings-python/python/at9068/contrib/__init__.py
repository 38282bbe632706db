"""Adapters: each guards the requests of one framework with one :class:`~at9068.Validator`.

:mod:`at9068.contrib.asgi`, :mod:`~at9068.contrib.starlette`, :mod:`~at9068.contrib.fastapi`,
:mod:`~at9068.contrib.flask`, :mod:`~at9068.contrib.django`, :mod:`~at9068.contrib.drf`. A framework
is imported by its own adapter only. Adapters carry requests to the validator and its answers
back; they decide nothing themselves.
"""
