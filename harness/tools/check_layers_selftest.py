#!/usr/bin/env python3
"""Breaks every rule of check_layers.py once, in a temporary tree, and expects to hear of each."""

import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).resolve().parent / "check_layers.py"

# file, text, and the report that it must cause (None: it must cause no report at all)
CASES = [
    ("harness/reprise/runtime/up.h", '#include "reprise/checks/x.h"',
     "runtime must not include checks"),
    ("harness/reprise/runtime/down.h", '#include "reprise/choices/x.h"', None),
    ("harness/reprise/runtime/same.h", '#include "reprise/runtime/x.h"', None),
    ("harness/reprise/sdk/choices.h", '#include "reprise/choices/x.h"',
     "sdk must not include choices"),
    ("harness/reprise/sdk/world.h", '#include "reprise/world/x.h"', "sdk must not include world"),
    ("harness/reprise/sdk/service.h", '#include "reprise/service/x.h"',
     "sdk must not include service"),
    ("harness/reprise/protocol/choices.h", '#include "reprise/choices/x.h"',
     "protocol must not include choices"),
    ("harness/reprise/protocol/angle.h", "#include <reprise/sdk/x.h>",
     "protocol must not include sdk"),
    ("harness/reprise/sdk/attic.h", '#include "reprise/attic/x.h"', "there is no room attic"),
    ("harness/reprise/world/fakes.h", '#include "reprise/fakes/table.h"',
     "world must not include fakes"),
    ("harness/reprise/testing/scenario.h", '#include "scenarios/order.h"',
     "testing must not include scenarios"),
    ("harness/reprise/sdk/rooted.h", '#include "harness/reprise/sdk/x.h"',
     "folders at the root are no part of it"),
    ("fakes/reprise/fakes/engine.h", '#include "reprise/runtime/x.h"',
     "fakes must not include runtime"),
    ("fakes/reprise/fakes/world.h", '#include "reprise/world/x.h"', None),
    ("fakes/reprise/fakes/scenario.h", '#include "scenarios/order.h"',
     "fakes must not include scenarios"),
    ("scenarios/order/order_test.cc", '#include "reprise/testing/testing.h"', None),
    ("harness/tools/any_main.cc", '#include "reprise/fakes/table.h"', None),
    ("harness/reprise/sdk/long.cc", "//" + "x" * 99, "101 columns"),
    ("harness/reprise/sdk/fits.cc", "//" + "x" * 98, None),
    ("harness/tools/long.sh", "#" + "x" * 100, "101 columns"),
    ("harness/reprise/attic/stray.cc", "", "no target looks for sources"),
    ("docs/stray.h", "", "no target looks for sources"),
    ("harness/reprise/sdk/clock.cc", "auto t = std::chrono::steady_clock::now();", "hidden input"),
    ("harness/reprise/sdk/device.cc", "std::random_device device;", "hidden input"),
    ("harness/reprise/sdk/now.cc", "auto t = absl::Now();", "hidden input"),
    ("harness/reprise/sdk/env.cc", 'auto e = getenv("TZ");', "hidden input"),
    ("harness/reprise/sdk/rand.cc", "int r = std::rand();", "hidden input"),
    ("harness/reprise/sdk/bitgen.cc", "absl::BitGen gen;", "hidden input"),
    ("harness/reprise/guard/device.cc", "unsigned draw(std::random_device* device);", None),
    ("harness/reprise/guard/now.cc", "auto t = absl::Now();", "hidden input"),
    ("harness/reprise/testing/guard.h", '#include "reprise/guard/x.h"',
     "testing must not include guard"),
    ("fakes/reprise/fakes/clock.cc", "auto t = absl::Now();", "hidden input"),
    ("harness/reprise/testing/now.cc", "auto t = absl::Now();", "hidden input"),
    ("harness/reprise/testing/env.cc", 'auto e = getenv("X"), c = "/proc/self/cmdline";', None),
    ("harness/reprise/sdk/cmdline.cc", 'auto c = "/proc/self/cmdline";', "hidden input"),
    ("harness/reprise/sdk/clock_test.cc", "auto t = absl::Now();", None),
    ("harness/bench/clock_bench.cc", "auto t = absl::Now();", None),
    ("scenarios/clock.cc", "auto t = absl::Now();", None),
    ("harness/reprise/sdk/comment.cc", "// never absl::Now()", None),
    ("docs/page.md", "see /" + "work/main/x", "path of one machine"),
    ("fixtures/page.json", '"/' + 'home/me/x"', "path of one machine"),
    ("docs/other.md", "harness/" + "work/x and $PREFIX/" + "work/x", None),
]


def main():
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name, text, _ in CASES:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("\n" + text + "\n")
        run = subprocess.run([sys.executable, str(CHECK), directory], capture_output=True,
                             text=True, check=False)
        for name, _, expected in CASES:
            reports = [line for line in run.stdout.splitlines() if line.startswith(name + ":")]
            if expected is None and reports:
                failures.append(f"reported although it is right: {reports[0]}")
            if expected is not None and not any(expected in line for line in reports):
                failures.append(f"{name}: expected '{expected}', got {reports}")
        if run.returncode != 1:
            failures.append(f"violations must end in exit status 1, not {run.returncode}")

    with tempfile.TemporaryDirectory() as directory:
        clean = subprocess.run([sys.executable, str(CHECK), directory], capture_output=True,
                               text=True, check=False)
        if clean.returncode != 0 or clean.stdout:
            failures.append(f"an empty tree must pass: {clean.stdout}")

    print("\n".join(failures) or f"{len(CASES)} cases as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
