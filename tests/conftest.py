"""What holds for every test."""

import gc

import pytest

gc.disable()  # what is read while tests are collected stays


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Take what lasts out of the collector's sight: walking through thousands of tests costs a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
