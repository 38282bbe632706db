"""What the documentation shows, runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from at9068 import SigningKey
from loopback import CACHE, serving

FOLDER = Path(__file__).resolve().parents[1]
QUICKSTART = FOLDER / "examples" / "quickstart.py"
MIGRATION = FOLDER / "examples" / "migration.py"
REVOCATION = FOLDER / "examples" / "revocation.py"
DISCOVERY = FOLDER / "examples" / "discovery.py"


def test_the_quickstart_runs() -> None:
    done = subprocess.run([sys.executable, QUICKSTART], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == "cron@clients ('https://api.example/',) ['read:patients']"
    assert second.startswith('token_expired 401 (\'Bearer error="invalid_token"')


def test_the_migration_prints_what_its_guide_says() -> None:
    done = subprocess.run([sys.executable, MIGRATION], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    guide = (FOLDER.parent / "docs" / "migration.md").read_text(encoding="utf-8")
    assert re.findall(r"```text\n(.*?)```", guide, re.DOTALL) == [done.stdout]


def test_the_revocation_prints_what_its_guide_says() -> None:
    done = subprocess.run([sys.executable, REVOCATION], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    guide = (FOLDER.parent / "docs" / "revocation.md").read_text(encoding="utf-8")
    assert re.findall(r"```text\n(.*?)```", guide, re.DOTALL) == [done.stdout]


def readme() -> list[str]:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    # What another test runs, with the frameworks at hand, is not run here.
    elsewhere = r"<!-- run by: tests/frameworks/\S+ -->\n\n```python\n.*?```"
    return re.findall(r"```python\n(.*?)```", re.sub(elsewhere, "", text, flags=re.S), re.S)


def test_the_readme_shows_the_quickstart() -> None:
    assert readme()[0] == QUICKSTART.read_text(encoding="utf-8").split('"""\n\n', 1)[1]


def test_the_readme_shows_the_discovery() -> None:
    assert readme()[-1] == DISCOVERY.read_text(encoding="utf-8").split('"""\n\n', 1)[1]


def test_the_discovery_runs(key: SigningKey) -> None:
    with serving(key) as issuer:
        command = [sys.executable, str(DISCOVERY), issuer.name, issuer.mint()]
        environment = {**os.environ, "ISSUER_CACHE": json.dumps(CACHE)}
        outputs = []
        for status in (200, 503):
            issuer.status = status
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            assert (done.returncode, done.stderr) == (0, "")
            outputs.append(done.stdout)
    assert outputs[0] == "cron@clients https://api.example/\n('fresh', 1)\n"
    # After how long it is tried again grows with failures, and is not the same twice.
    assert re.fullmatch(r"keys_unavailable 503 Retry-After: [1-9]\n\('empty', 0\)\n", outputs[1])


def test_the_readme_runs_on_from_there() -> None:
    done = subprocess.run([sys.executable, "-c", "\n".join(readme()[:-1])], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()[2:]
    assert lines[-3:] == ["user-1", "private_key_jwt", "token_revoked"]
    first = lines.index("job-0")
    assert lines[first : first + 101] == [*(f"job-{number}" for number in range(100)), "token_malformed"]
    assert "pass AT-VAL-4 RFC 9068 §4 aud None" in lines
    assert [line for line in lines if line.startswith("fail")] == ["fail AT-VAL-6 RFC 9068 §4 exp token_expired"]
