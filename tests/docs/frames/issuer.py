"""A test as a service would have it, in a folder of its own, run by pytest."""

import subprocess
import sys
from pathlib import Path

CONFTEST = """
# <<< plugin >>>
"""
TEST = """
# <<< test >>>
"""
# What stands for the service: it looks at the keys, which the outage hides from it.
SERVICE = """
    import urllib.error, urllib.request
    try:
        urllib.request.urlopen(test_issuer.jwks_uri)
    except urllib.error.HTTPError as error:
        assert (error.code, token.count(".")) == (503, 2)
"""
Path("conftest.py").write_text(CONFTEST)
Path("test_service.py").write_text(
    TEST.replace("    ...  # your service, configured with test_issuer.issuer\n", SERVICE)
)
done = subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "test_service.py"], capture_output=True, text=True, check=False
)
assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
