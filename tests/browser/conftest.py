"""Fixtures of the browser tests: `lab`, a JupyterLab page; `server`, to write notebooks to it.

A lesson's test is `tests/browser/test_NN.py`, marked as the others are:

    pytestmark = pytest.mark.browser
"""

import os

import pytest
from lab import PATIENCE, Lab, launch, new_context, serving
from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except FileNotFoundError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    context = new_context(chromium, viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def lab(page, server):
    return Lab(page, server)
