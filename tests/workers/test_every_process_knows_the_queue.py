"""Web processes and commands send their nudges to our own broker."""

import subprocess
import sys

from tests.architecture.sources import ROOT

ASK = "import backend.config.wsgi; from celery import current_app; print(current_app.main)"


def test_the_web_process_knows_jishans_queue():
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert answer.stdout.split()[-1] == "jishan"
