#!/usr/bin/env python3
"""Compiles programs that must not compile, and programs that must.

    check_compile_fail.py --compiler g++ --flags-file FILE [--jobs N] DIRECTORY

Each DIRECTORY/compile_fail/*.cc opens with comment lines:

    // EXPECT-ERROR: <regular expression that the compiler's output must match; may be repeated>
    // ONLY: gcc                          (or clang; without it every compiler is meant)

Each DIRECTORY/compile_ok/*.cc must compile without a warning.  FILE holds one compiler flag a
line.  Nothing is generated: the compilers run with -fsyntax-only.
"""

import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

DIRECTIVE = re.compile(r"//\s*(EXPECT-ERROR|ONLY):\s*(.*?)\s*$")


def read_directives(path):
    expected, only = [], None
    for line in path.read_text().splitlines():
        if not line.startswith("//"):
            break
        directive = DIRECTIVE.match(line)
        if directive and directive.group(1) == "EXPECT-ERROR":
            expected.append(directive.group(2))
        elif directive:
            only = directive.group(2)
    return expected, only


def compile_one(command, path):
    return subprocess.run(command + [str(path)], capture_output=True, text=True, check=False)


def check_fails(command, family, path):
    """What is wrong with a program that must not compile, None, or "skipped"."""
    expected, only = read_directives(path)
    if not expected:
        return "does not open with // EXPECT-ERROR: <regular expression>"
    if only not in (None, "gcc", "clang"):
        return f"// ONLY: {only}: neither gcc nor clang"
    if only not in (None, family):
        return "skipped"
    run = compile_one(command, path)
    if run.returncode == 0:
        return "compiles, and must not"
    for pattern in expected:
        if not re.search(pattern, run.stderr):
            return f"fails, but its output does not match /{pattern}/:\n{run.stderr}"
    return None


def check_compiles(command, path):
    run = compile_one(command + ["-Wall", "-Wextra", "-Werror"], path)
    return f"does not compile:\n{run.stderr}" if run.returncode else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags-file", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("directory", type=pathlib.Path)
    arguments = parser.parse_args()

    flags = [line for line in arguments.flags_file.read_text().splitlines() if line]
    command = [arguments.compiler, "-std=c++20", "-fsyntax-only", *flags]
    version = subprocess.run([arguments.compiler, "--version"], capture_output=True, text=True,
                             check=True).stdout
    family = "clang" if "clang" in version else "gcc"

    failing = sorted((arguments.directory / "compile_fail").glob("*.cc"))
    passing = sorted((arguments.directory / "compile_ok").glob("*.cc"))
    if not failing and not passing:
        print(f"{arguments.directory} holds neither compile_fail/*.cc nor compile_ok/*.cc")
        return 1
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(lambda path: check_fails(command, family, path), failing))
        results += pool.map(lambda path: check_compiles(command, path), passing)

    for path, problem in zip(failing + passing, results):
        if problem not in (None, "skipped"):
            print(f"{path}:1: {problem}")
    skipped = results.count("skipped")
    wrong = len(results) - results.count(None) - skipped
    print(f"{len(results)} programs, {wrong} wrong, {skipped} meant for another compiler")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
