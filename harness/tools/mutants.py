#!/usr/bin/env python3
"""The faults that are planted in the library, and whether its tests notice them.

    mutants.py check [ROOT]              does the table fit the sources?
    mutants.py run BUILD_DIR [ID...]     let each fault out, or those named; run the tests that
                                         should notice it
    mutants.py look BUILD_DIR ID...      which tests of all programs notice these
    mutants.py programs                  the targets to build for it

harness/mutants/faults.tsv has a line for each fault: its id, the test program and the filter for
--gtest_filter that notice it, and what it is.  docs/mutants.md says more.
"""

import collections
import os
import pathlib
import re
import subprocess
import sys
import time

MINIMUM = 20
TIMEOUT_S = 120
PLANTED = re.compile(r"\bREPRISE_(?:FAULT|CAGED)\((\w+)\)")
TEST = re.compile(r"^\s*(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
SOURCES = ("harness/reprise", "fakes")
TESTS = ("harness", "fakes", "scenarios", "property_tests", "docs")
PROGRAM_DIRS = ("harness", "fakes", "scenarios", "property_tests", "harness/cage")

PROGRAMS = ("sdk_test", "service_test", "record_test", "runtime_test", "explore_test",
            "checks_test", "testing_test", "fakes_test", "property_tests")

Fault = collections.namedtuple("Fault", "id program filter what")


def read_table(root):
    """The faults, and what is wrong with the lines."""
    faults, problems = [], []
    path = root / "harness/mutants/faults.tsv"
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or not all(fields):
            problems.append(f"{path}:{number}: expected id, program, filter, what")
        else:
            faults.append(Fault(*fields))
    return faults, problems


def planted(root):
    """id -> the places where it stands."""
    places = collections.defaultdict(list)
    for directory in SOURCES:
        for path in sorted((root / directory).rglob("*")):
            if path.suffix not in (".cc", ".h"):
                continue
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                if line.lstrip().startswith("#define"):
                    continue
                for name in PLANTED.findall(line):
                    places[name].append(f"{path.relative_to(root)}:{number}")
    return places


def known_tests(root):
    tests = set()
    for directory in TESTS:
        for path in (root / directory).rglob("*_test.cc"):
            tests |= {f"{suite}.{name}" for suite, name in TEST.findall(path.read_text())}
    return tests


def check(root):
    faults, problems = read_table(root)
    places = planted(root)
    tests = known_tests(root)
    names = collections.Counter(fault.id for fault in faults)
    problems += [f"{name}: {count} lines of the table"
                 for name, count in names.items() if count > 1]
    for name in sorted(set(places) | set(names)):
        if name not in names:
            problems.append(f"{name}: planted at {places[name][0]}, not in the table")
        elif len(places[name]) != 1:
            where = ", ".join(places[name]) or "nowhere"
            problems.append(f"{name}: expected in one place of the sources, found {where}")
    for fault in faults:
        for test in fault.filter.split(":"):
            if test not in tests and "*" not in test and "/" not in test:
                problems.append(f"{fault.id}: there is no test {test}")
    if len(names) < MINIMUM:
        problems.append(f"{len(names)} faults, expected {MINIMUM} or more")
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(faults)} planted faults, each in one place")
    return 1 if problems else 0


def find_program(build, name):
    for directory in PROGRAM_DIRS:
        path = build / directory / name
        if path.is_file():
            return path
    sys.exit(f"mutants.py: no program {name} in {build}; ./dev mutants builds it")


def run_tests(program, test_filter, fault):
    """(passed, tests that failed or a word for it, seconds)."""
    environment = dict(os.environ, REPRISE_PLANTED_FAULT=fault)
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [str(program), f"--gtest_filter={test_filter}", "--gtest_brief=1"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return False, ["does not end"], TIMEOUT_S
    seconds = time.monotonic() - begin
    if done.returncode == 0 and " 0 tests from" not in done.stdout:
        return True, [], seconds
    failed = re.findall(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", done.stdout, re.MULTILINE)
    if done.returncode == 0:
        return False, ["no test has this name"], seconds
    return False, sorted(set(failed)) or [f"exit status {done.returncode}"], seconds


def run(root, build, only):
    faults, problems = read_table(root)
    if problems:
        sys.exit("\n".join(problems))
    unknown = set(only) - {fault.id for fault in faults}
    if unknown:
        sys.exit(f"mutants.py: no such fault: {', '.join(sorted(unknown))}")
    faults = [fault for fault in faults if not only or fault.id in only]
    sound = {}
    noticed = 0
    for fault in faults:
        program = find_program(build, fault.program)
        tests = (fault.program, fault.filter)
        if tests not in sound:
            sound[tests] = run_tests(program, fault.filter, "")
        if not sound[tests][0]:
            word = "FAILS WITHOUT"
            seconds = sound[tests][2]
        else:
            passed, _, seconds = run_tests(program, fault.filter, fault.id)
            word = "SURVIVES" if passed else "noticed"
        noticed += word == "noticed"
        print(f"{word:<9} {fault.id:<42} {fault.program:<14} {seconds:6.2f} s  {fault.what}",
              flush=True)
    print(f"{noticed} of {len(faults)} planted faults are noticed")
    return 0 if noticed == len(faults) else 1


def look(build, names):
    for name in names:
        print(name)
        for program in PROGRAMS:
            passed, failed, seconds = run_tests(find_program(build, program), "*", name)
            if not passed:
                print(f"  {program}, {seconds:.1f} s: {' '.join(failed)}", flush=True)
    return 0


def main(arguments):
    root = pathlib.Path(__file__).resolve().parents[2]
    if arguments[:1] == ["check"]:
        return check(pathlib.Path(arguments[1]).resolve() if len(arguments) > 1 else root)
    if arguments[:1] == ["run"] and len(arguments) > 1:
        return run(root, pathlib.Path(arguments[1]), arguments[2:])
    if arguments[:1] == ["look"] and len(arguments) > 2:
        return look(pathlib.Path(arguments[1]), arguments[2:])
    if arguments == ["programs"]:
        print(" ".join(PROGRAMS))
        return 0
    sys.exit(__doc__.rstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
