"""Submissions, written where a test can reach them."""

import os

import nbformat
import pytest

GOOD = """
import numpy as np

def batch_stats(x):
    return x.mean(axis=0), x.var(axis=0)

def batch_norm_forward(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta

def identity_affine(mean, var, eps):
    return np.sqrt(var + eps), mean.copy()

def stable_variance(x):
    return ((x - x.mean(axis=0)) ** 2).mean(axis=0)
"""

collect_ignore_glob = [] if os.name == "posix" else ["test_*.py"]  # `bn-course grade` refuses elsewhere


@pytest.fixture
def submit(tmp_path):
    """Write cells as a notebook that answers lesson 02; returns its path."""

    def write(*cells: str, name: str = "02_forward_pass.ipynb", folder: str = "room"):
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells]), path)
        return path

    return write


@pytest.fixture
def good() -> str:
    return GOOD
