"""The tests. What they share is in `support`."""

import pytest

pytest.register_assert_rewrite("tests.support")
