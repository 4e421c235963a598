#!/usr/bin/env python3
"""Writes copies of handler sources as somebody would leave them after a day of refactoring.

    refactor_sources.py OUT_DIR SOURCE...

In the copies files have other names, comment lines stand where none stood, steps are called by a
function that was extracted, and the outermost handlers (`run`) do one more operation at their end.
The behaviour of what was there before is the same.  A fixture of a failure must still apply.
"""

import pathlib
import re
import sys

SUFFIX = "_refactored"
COMMENT = "// A line that was not here before.\n"
EXTRACTED = """
namespace extracted {

/// The call of a step, from another line of another function.
template <class... Arguments>
auto call_step(reprise::DurableContext ctx, Arguments&&... arguments) {
  return ctx.step(std::forward<Arguments>(arguments)...);
}

}  // namespace extracted
"""
INCLUDE = re.compile(r'^(#include "scenarios/)(\w+)(\.h")', re.MULTILINE)
STEP = re.compile(r"\bctx\.step\(")
# A handler's outermost function: from its head in the first column to its closing brace.
RUN = re.compile(r"^Task<[^;{]*::run\(DurableContext ctx[^;{]*\{\n.*?^\}", re.MULTILINE | re.DOTALL)
LAST_RETURN = re.compile(r"^  co_return (?!co_await)", re.MULTILINE)


def append_operation(match):
    body = match.group(0)
    last = list(LAST_RETURN.finditer(body))[-1]
    added = '  co_await ctx.step("somebody-added-this", [] {});\n'
    return body[:last.start()] + added + body[last.start():]


def refactor(text, is_header, names):
    """The text with every change, and how often each was made."""
    counts = {}
    text, counts["files"] = INCLUDE.subn(
        lambda m: m.group(1) + (m.group(2) + SUFFIX if m.group(2) in names else m.group(2))
        + m.group(3), text)
    if not is_header:
        text, counts["operations"] = RUN.subn(append_operation, text)
        text, counts["functions"] = STEP.subn("::extracted::call_step(ctx, ", text)
        includes = [m.end() for m in re.finditer(r"^#include .*\n", text, re.MULTILINE)]
        if counts["functions"] > 0:
            text = text[:includes[-1]] + EXTRACTED + text[includes[-1]:]
    lines = []
    for line in text.splitlines(keepends=True):
        lines.append(line)
        if line == "\n":
            lines.append(COMMENT)
    counts["lines"] = lines.count(COMMENT)
    return "".join(lines), counts


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    sources = [pathlib.Path(name) for name in sys.argv[2:]]
    names = {source.stem for source in sources if source.suffix == ".h"}
    out.mkdir(parents=True, exist_ok=True)
    total = {}
    for source in sources:
        text, counts = refactor(source.read_text(encoding="utf-8"), source.suffix == ".h", names)
        copy = out / f"{source.stem}{SUFFIX}{source.suffix}"
        if not copy.exists() or copy.read_text(encoding="utf-8") != text:
            copy.write_text(text, encoding="utf-8")
        for change, count in counts.items():
            total[change] = total.get(change, 0) + count
    missing = [change for change, count in total.items() if count == 0]
    if missing:
        sys.exit(f"refactor_sources: nothing to change: {', '.join(missing)}")


if __name__ == "__main__":
    main()
