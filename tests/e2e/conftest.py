"""A home filled by the real commands on a small sample corpus, the real servers over it, a real browser.

E2E_HOME names a home that is filled already (building one takes a minute or two); E2E_SCREENSHOTS a
folder that gets a picture of every page that is opened.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@dataclass(frozen=True)
class Site:
    dashboard: str
    api: str


def _environment(home: Path) -> dict[str, str]:
    weights = REPO.parent / "shared" / "weights"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CREATORLENS_", "PREFECT_", "MLFLOW_"))}
    return {
        **clean,
        "CREATORLENS_HOME": str(home),
        "CREATORLENS_TEXT_ENCODER": "none",
        "OMP_NUM_THREADS": "1",
        **({"CREATORLENS_WEIGHTS": str(weights)} if weights.is_dir() else {}),
    }


def creatorlens(home: Path, *arguments: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        env=_environment(home), cwd=REPO, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert ran.returncode == 0, (
        f"creatorlens {' '.join(arguments)}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"
    )


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, train_quickly: Callable[[Path], None]) -> Path:
    """Imported, featurized, trained on youtube; later posts forecast, imported and graded."""
    if os.environ.get("E2E_HOME"):
        return Path(os.environ["E2E_HOME"])
    folder = tmp_path_factory.mktemp("e2e")
    home, corpus = folder / "home", folder / "corpus"
    creatorlens(home, "sample", "--out", str(corpus), "--channels", "4", "--weeks", "78", "--no-media")
    creatorlens(home, "import", str(corpus))
    creatorlens(home, "featurize")
    train_quickly(home)
    creatorlens(home, "train", "--platform", "youtube")
    later = corpus / "later"
    creatorlens(
        home,
        "predict",
        "--posts",
        str(later / "youtube.posts.parquet"),
        "--out",
        str(folder / "forecasts.csv"),
    )
    creatorlens(home, "import", str(later))
    creatorlens(home, "grade")
    creatorlens(home, "featurize")
    return home


@pytest.fixture(scope="session")
def site(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """API and dashboard, as `creatorlens up` starts them."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here (apt-get install chromium)")
    ports = _free_ports(2)
    log = tmp_path_factory.mktemp("up") / "up.txt"
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", "--no-prefect", "--no-mlflow", "--api-port", str(ports[0]),
             "--dashboard-port", str(ports[1])],
            env=_environment(filled_home), cwd=REPO, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 180
        while "All up." not in log.read_text():
            assert up.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield Site(f"http://127.0.0.1:{ports[1]}", f"http://127.0.0.1:{ports[0]}")
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    found = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Closed with its module: while it lives Playwright keeps an event loop running in this thread, and
    `asyncio.run` in any later test would be refused."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium here (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
}


@pytest.fixture
def visit(site: Site, browser: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Open a path of the dashboard; gives the page. `phone`, `dark` choose the device."""
    contexts = []

    def visit(path: str = "", *, phone: bool = False, dark: bool = False) -> Any:
        context = browser.new_context(
            **(PHONE if phone else DESK),
            color_scheme="dark" if dark else "light",
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.goto(site.dashboard + path)
        page.locator("h1").wait_for()
        return page

    yield visit
    for i, context in enumerate(contexts):
        _picture(context.pages[0], f"{request.node.name}-{i}")
        context.close()


def _picture(page: Any, name: str) -> None:
    folder = os.environ.get("E2E_SCREENSHOTS")
    if not folder:
        return
    settled(page)
    width = page.viewport_size["width"]
    height = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight + 90")
    page.set_viewport_size({"width": width, "height": max(844, int(height))})
    page.wait_for_timeout(800)
    Path(folder).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=Path(folder) / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}.png")


def settled(page: Any) -> None:
    """Wait until no run of the page is going on."""
    page.wait_for_timeout(400)
    page.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
    page.wait_for_timeout(300)
