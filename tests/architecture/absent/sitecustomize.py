"""On the path of a child process, this takes the named package away from it too, before anything is imported."""

import tests.architecture.without  # noqa: F401
