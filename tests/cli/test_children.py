"""Stopping a child stops what it started, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from cli import children

pytestmark = pytest.mark.skipif(not psutil.LINUX, reason="helpers that left the session are found in /proc")

ESCAPING = """
import subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(300)"],
                          start_new_session=True)
print(helper.pid, flush=True)
time.sleep(300)
"""


def helper_of(log) -> psutil.Process:
    for _ in range(100):
        if log.exists() and log.read_text().strip():
            return psutil.Process(int(log.read_text()))
        time.sleep(0.05)
    raise AssertionError("the helper never started")


def test_a_helper_that_left_the_session_and_ignores_signals_is_ended_too(tmp_path):
    log = tmp_path / "child.log"
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    try:
        child = children.spawn([sys.executable, "-c", ESCAPING], os.environ, log, tmp_path)
        helper = helper_of(log)
        children.stop([child], grace_s=5)
        assert child.poll() is not None
        assert not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE
        assert bystander.poll() is None, "other children of ours are none of its business"
    finally:
        bystander.kill()
        bystander.wait()


def test_a_child_that_ignores_polite_signals_is_ended(tmp_path):
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(300)"
    log = tmp_path / "child.log"
    child = children.spawn([sys.executable, "-c", code], os.environ, log, tmp_path)
    while "on" not in log.read_text():
        time.sleep(0.05)
    children.stop([child], grace_s=0.5)
    assert child.returncode == -9


def test_the_log_of_the_run_before_is_kept(tmp_path):
    log = tmp_path / "child.log"
    for word in ("first", "second"):
        child = children.spawn([sys.executable, "-c", f"print('{word}')"], os.environ, log, tmp_path)
        child.wait(20)
        children.stop([child])
    assert log.read_text().strip() == "second"
    assert log.with_suffix(".previous.log").read_text().strip() == "first"
