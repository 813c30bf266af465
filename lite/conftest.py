"""Fixtures of `make lite-test`: the site that `make lite` has written, served on loopback, and a browser."""

import os
from pathlib import Path

import pytest
from lab import launch, new_context
from playwright.sync_api import sync_playwright
from serving import served
from tab_page import Tab

SITE = Path(os.environ.get("BN_COURSE_LITE", Path(__file__).resolve().parent.parent / "build" / "lite"))


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").exists():
        pytest.fail("there is no build/lite: make lite")
    return SITE


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def server(site):
    with served(site) as running:
        yield running


@pytest.fixture
def context(chromium, server):
    """A window that reaches this server and nothing else; a request for another host fails the test."""
    strangers = []
    window = new_context(chromium, viewport={"width": 1280, "height": 900})
    window.on(
        "request", lambda request: strangers.append(request.url) if _strange(request.url, server) else None
    )
    yield window
    window.close()
    assert strangers == []


def _strange(url, server):
    return not url.startswith((server.address, "data:", "blob:"))


@pytest.fixture
def tab(context, server):
    """A page on which the site was begun, as a learner begins: from its first page."""
    page = context.new_page()
    page.goto(f"{server.address}/index.html")
    page.wait_for_function("navigator.serviceWorker.controller")
    return Tab(page, server)
