#!/usr/bin/env python3
"""Checks what no compiler checks about this repository.

    check_layers.py [ROOT]

Includes go downwards only, sources lie where a target finds them, lines fit 100 columns, the
library reads no hidden input, and no text file names a path of somebody's machine.  Prints
"file:line: message" for each violation and exits with 1 when there is one.
"""

import pathlib
import re
import subprocess
import sys

COLUMNS = 100

# From the top to the bottom.  A room may include itself and the rooms after it.
ROOMS = [
    "guard", "testing", "cli", "report", "checks", "explore", "record", "runtime", "world",
    "service", "sdk", "protocol", "choices",
]
# Below what the order forbids: a handler links sdk and protocol and nothing else, and a test
# nothing of the commands.
FORBIDDEN = {"sdk": {"choices"}, "protocol": {"choices"}, "testing": {"cli"}}
# Fakes stand on this room: they may include it and what is below it.
FAKES_TOP_ROOM = "world"

SOURCE_SUFFIXES = {".cc", ".h"}
SCRIPT_SUFFIXES = {".py", ".sh", ".cmake"}
SCRIPT_NAMES = {"CMakeLists.txt", "dev", "run"}
PLACES = re.compile(
    r"harness/reprise/(?:%s)/"
    r"|harness/(?:bench|cage|compile_fail|compile_ok|consumer|corpus|mutants|tools)/"
    r"|fakes/reprise/fakes/|scenarios/|property_tests/|docs/examples/" % "|".join(ROOMS))

INCLUDE = re.compile(r'\s*#\s*include\s+["<]([^">]+)[">]')
HIDDEN_INPUT = re.compile(
    r"std::chrono::.*_clock::now|\brandom_device\b|\babsl::Now\(|\bgetenv\(|\bstd::rand\("
    r"|\babsl::BitGen|/proc/self")
# What a perturbation changes it has to put back.
PERTURBATION = "harness/reprise/runtime/perturbation.cc"
PERTURBATION_MAY = re.compile(r'\bgetenv\("TZ"\)')
# Says which planted fault is there; part of no library.
MUTANT_SWITCH = "harness/mutants/switch.cc"
# The test author's switches come through the command line and the environment.
TESTING_MAY = re.compile(r"\bgetenv\(|/proc/self/cmdline")
# The guard names what it stands before.
GUARD_MAY = re.compile(r"\brandom_device\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:work|root|home)/")


def list_files(root):
    """The files git tracks or would track; below a directory without git, all but build trees."""
    git = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if git.returncode == 0:
        names = sorted(set(git.stdout.decode().split("\0")) - {""})
    else:
        names = sorted(str(p.relative_to(root)) for p in root.rglob("*"))
        names = [n for n in names if not n.startswith(("build/", "out/", ".git/"))]
    return [name for name in names if (root / name).is_file()]


def room_of(name):
    parts = name.split("/")
    return parts[2] if name.startswith("harness/reprise/") and len(parts) > 3 else None


def check_include(name, target):
    """What is wrong with `name` including `target`, or None."""
    if target.startswith(("harness/reprise/", "fakes/reprise/")):
        return f'include "{target.split("/", 1)[1]}": the folders at the root are no part of it'
    room = room_of(name)
    in_fakes = name.startswith("fakes/")
    if room is None and not in_fakes:
        return None
    if target.startswith(("scenarios/", "property_tests/")):
        return f"{'fakes' if in_fakes else room} must not include {target.split('/')[0]}"
    if not target.startswith("reprise/"):
        return None
    wanted = target.split("/")[1]
    if wanted == "fakes":
        return None if in_fakes else f"{room} must not include fakes"
    if wanted not in ROOMS:
        return None if "/" not in target[len("reprise/"):] else f"there is no room {wanted}"
    top = FAKES_TOP_ROOM if in_fakes else room
    if top not in ROOMS:
        return None
    who = "fakes" if in_fakes else room
    if ROOMS.index(wanted) < ROOMS.index(top):
        return f"{who} must not include {wanted}: includes go downwards"
    if wanted in FORBIDDEN.get(who, ()):
        return f"{who} must not include {wanted}"
    return None


def check_hidden_input(name, line):
    if not name.startswith(("harness/", "fakes/")) or name == MUTANT_SWITCH:
        return None
    if name.endswith(("_test.cc", "_bench.cc")) or name.startswith("harness/bench/"):
        return None
    code = line.split("//")[0]
    if room_of(name) == "testing":
        code = TESTING_MAY.sub("", code)
    if room_of(name) == "guard":
        code = GUARD_MAY.sub("", code)
    found = HIDDEN_INPUT.search(code)
    if name == PERTURBATION and PERTURBATION_MAY.search(line):
        return None
    return f"hidden input: {found.group(0)}" if found else None


def check_file(root, name):
    path = pathlib.PurePosixPath(name)
    data = (root / name).read_bytes()
    if b"\0" in data[:8192]:
        return
    text = data.decode("utf-8", errors="replace")
    is_source = path.suffix in SOURCE_SUFFIXES
    is_script = path.suffix in SCRIPT_SUFFIXES or path.name in SCRIPT_NAMES
    if is_source and not PLACES.match(name):
        yield 1, "no target looks for sources in this directory"
    for number, line in enumerate(text.splitlines(), start=1):
        if (is_source or is_script) and len(line) > COLUMNS:
            yield number, f"{len(line)} columns, more than {COLUMNS}"
        if MACHINE_PATH.search(line):
            yield number, "path of one machine"
        if not is_source:
            continue
        include = INCLUDE.match(line)
        problem = check_include(name, include.group(1)) if include else None
        problem = problem or check_hidden_input(name, line)
        if problem:
            yield number, problem


def main(arguments):
    here = pathlib.Path(__file__).resolve()
    root = pathlib.Path(arguments[0]).resolve() if arguments else here.parents[2]
    violations = 0
    for name in list_files(root):
        for number, message in check_file(root, name):
            print(f"{name}:{number}: {message}")
            violations += 1
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
