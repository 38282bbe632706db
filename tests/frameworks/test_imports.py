"""An adapter imports its own framework, and no other."""

from __future__ import annotations

import subprocess
import sys

import pytest

# adapter -> what it may import
OWN: dict[str, set[str]] = {
    "asgi": set(),
    "starlette": {"starlette"},
    "fastapi": {"starlette", "fastapi"},
    "flask": {"flask"},
    "django": {"django"},
    "drf": {"django", "rest_framework"},
}
FRAMEWORKS = {"starlette", "fastapi", "flask", "django", "rest_framework"}


@pytest.mark.parametrize("name", OWN)
def test_an_adapter_imports_its_own_framework(name: str) -> None:
    """In a process of its own; of Django no setting is needed for it."""
    program = f"import sys, at9068.contrib.{name}; print(*({FRAMEWORKS!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) == OWN[name]
