#!/usr/bin/env python3
"""Holds the table of docs/mechanisms.md to the tests: each demonstration passes, and fails when its
mechanism is switched off.

usage: check_mechanisms.py TEST_PROGRAM DOCS/mechanisms.md
"""

import re
import subprocess
import sys

ROW = re.compile(r"^\| (M\d+) \|.*\| `(Mechanisms\.\w+)` \|$")


def run(program, test, *flags):
    """Exit status of one test; a filter that matches no test counts as a failure of this script."""
    command = [program, f"--gtest_filter={test}", *flags]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Running 1 test " not in result.stdout:
        sys.exit(f"check_mechanisms: {test}: there is no such test")
    return result.returncode


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, page = sys.argv[1:]
    with open(page, encoding="utf-8") as lines:
        rows = [match.groups() for match in map(ROW.match, lines) if match]
    if not rows:
        sys.exit(f"check_mechanisms: {page}: no row of the table was found")
    wrong = 0
    for mechanism, test in rows:
        if run(program, test) != 0:
            print(f"{mechanism}: {test} fails")
            wrong += 1
        elif run(program, test, f"--reprise_without={mechanism}") == 0:
            print(f"{mechanism}: {test} passes without it")
            wrong += 1
        else:
            print(f"{mechanism}: demonstrated by {test}")
    listed = subprocess.run([program, "--gtest_list_tests", "--gtest_filter=Mechanisms.*"],
                            capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"^  (\w+)$", listed, re.MULTILINE):
        if f"Mechanisms.{name}" not in [test for _, test in rows]:
            print(f"{page}: no row for Mechanisms.{name}")
            wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
