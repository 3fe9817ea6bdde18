"""The linter of suites."""
