"""A fixture for pytest, there as soon as the course is installed: `batch_norm_is_healthy(model, batches)`.

pytest loads this at its start, so nothing heavy is imported before a test asks for it.
"""

import pytest


@pytest.fixture
def batch_norm_is_healthy():
    """A function of (model, batches): the test fails, and shows the findings, where the kit warns.

    It takes what `inspect_batch_norm` takes, and returns the inspection.
    """
    __tracebackhide__ = True

    def check(model, batches, **options):
        __tracebackhide__ = True
        from bn_course.inspect import inspect_batch_norm
        from bn_course.inspect.table import advice

        seen = inspect_batch_norm(model, batches, **options)
        if seen.warnings:
            pytest.fail(f"batch norm is not healthy:\n{seen}\n\n{advice(seen)}", pytrace=False)
        return seen

    return check
