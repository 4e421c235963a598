#!/usr/bin/env python3
"""Checks that what the documentation shows is what is built.

    check_docs.py [--fix] [ROOT]
    check_docs.py --schema [ROOT]

Looks at README.md, CONTRIBUTING.md, CHANGELOG.md and docs/**/*.md:

- a cpp block follows "<!-- example: FILE#NAME -->" and equals the region "// [NAME]" of that file
  in docs/examples, indentation aside; --fix writes it;
- a text block follows "<!-- output: FILE#SUITE.TEST -->", and that test compares it with what the
  program prints (REPRISE_UPDATE_DOCS=1 in its environment writes it);
- a json block follows "<!-- fixture: PATH -->" and equals that file; --fix writes it;
- sh blocks use commands, flags and presets that exist;
- relative links, and their headings, exist;
- there is a page for each verdict, and docs/protocol.md has what comments in the sources cite.

--schema validates fixtures against docs/fixture.schema.json and reports against
docs/report.schema.json instead, and needs python3-jsonschema; without it the exit status is 77.

Prints "file:line: message" for each violation and exits with 1 when there is one.
"""

import copy
import json
import pathlib
import re
import sys

COLUMNS = 100
SKIPPED = 77

MARKER = re.compile(r"^<!-- (example|output|fixture): (\S+) -->$")
FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
REGION_BEGIN = re.compile(r"^\s*// \[([a-z0-9_]+)\]$")
REGION_END = re.compile(r"^\s*// \[/([a-z0-9_]+)\]$")
LINK = re.compile(r"(?<!\!)\[[^\]\[]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.*)$")
LANGUAGES = {"", "cpp", "text", "sh", "json", "cmake", "python"}
# What a block of this language must follow.
MARKER_OF = {"cpp": "example", "text": "output", "json": "fixture"}


class Block:
    def __init__(self, page, line, language, marker, text):
        self.page = page          # path of the page
        self.line = line          # of the first line in the block, from 1
        self.language = language
        self.marker = marker      # (kind, target) or None
        self.text = text


class Page:
    """A Markdown file: its blocks, and its lines outside blocks."""

    def __init__(self, root, path):
        self.path = path
        self.name = str(path.relative_to(root))
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.blocks = []
        self.prose = []           # (line number, text)
        self.unclosed = None
        self._read()

    def _read(self):
        opening = None
        for number, line in enumerate(self.lines, start=1):
            fence = FENCE.match(line)
            if opening is None and fence:
                marker = MARKER.match(self.lines[number - 2].strip()) if number > 1 else None
                opening = (number + 1, fence.group(2), marker.groups() if marker else None)
            elif opening is not None and fence and not fence.group(2):
                start, language, marker = opening
                text = "\n".join(self.lines[start - 1:number - 1])
                self.blocks.append(Block(self, start, language, marker, text))
                opening = None
            elif opening is None:
                self.prose.append((number, line))
        if opening is not None:
            self.unclosed = opening[0] - 1

    def anchors(self):
        found = {}
        for _, line in self.prose:
            heading = HEADING.match(line)
            if not heading:
                continue
            slug = slug_of(heading.group(2))
            count = found.get(slug, 0)
            found[slug] = count + 1
            if count:
                found[f"{slug}-{count}"] = 1
        return set(found)


def slug_of(heading):
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def pages_of(root):
    names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    paths = [root / name for name in names if (root / name).is_file()]
    paths += sorted((root / "docs").rglob("*.md"))
    return [Page(root, path) for path in paths]


# --- examples -----------------------------------------------------------------------------------


def dedent(lines):
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    width = min(widths, default=0)
    return "\n".join(line[width:].rstrip() for line in lines).strip("\n")


def regions_of(path):
    """The marked regions of an example file, and what is wrong with its marks."""
    open_regions = {}
    regions = {}
    problems = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        begin, end = REGION_BEGIN.match(line), REGION_END.match(line)
        if begin:
            if begin.group(1) in regions or begin.group(1) in open_regions:
                problems.append((number, f"region {begin.group(1)} is there twice"))
            open_regions[begin.group(1)] = []
        elif end:
            if end.group(1) not in open_regions:
                problems.append((number, f"region {end.group(1)} ends and never began"))
            else:
                regions[end.group(1)] = dedent(open_regions.pop(end.group(1)))
        else:
            # A test that is meant to fail is shown as the test it is.
            shown = re.sub(r"\bFAILING_TEST\(", "TEST(", line)
            shown = re.sub(r"\bFAILING_PROP\(", "REPRISE_PROP(", shown)
            for lines in open_regions.values():
                lines.append(shown)
    for name in open_regions:
        problems.append((1, f"region {name} does not end"))
    return regions, problems


class Examples:
    def __init__(self, root):
        self.directory = root / "docs" / "examples"
        self.files = {}
        self.used = set()
        self.problems = []
        for path in sorted(self.directory.glob("*.cc")):
            regions, problems = regions_of(path)
            self.files[path.name] = (path.read_text(encoding="utf-8"), regions)
            self.problems += [(f"docs/examples/{path.name}", n, text) for n, text in problems]

    def region(self, target):
        """(text, None) of the region FILE#NAME, or (None, what is wrong)."""
        file, _, name = target.partition("#")
        if file not in self.files:
            return None, f"there is no docs/examples/{file}"
        if name not in self.files[file][1]:
            return None, f"docs/examples/{file} has no region {name}"
        self.used.add((file, name))
        return self.files[file][1][name], None

    def unused(self):
        for file, (_, regions) in self.files.items():
            for name in regions:
                if (file, name) not in self.used:
                    yield f"docs/examples/{file}", 1, f"no page shows the region {name}"

    def output_problem(self, target):
        file, _, test = target.partition("#")
        if file not in self.files:
            return f"there is no docs/examples/{file}"
        text = self.files[file][0]
        suite, _, name = test.partition(".")
        shown = re.search(
            rf"^(FAILING_)?(?:REPRISE_)?(?:TEST(?:_F)?|PROP)"
            rf"\({suite}, {name}(?:, \(.*\))?\) \{{(.*?)^\}}",
            text, re.M | re.S)
        if not shown:
            return f"docs/examples/{file} has no test {test}"
        if not shown.group(1) and "pages::expect_documented(" not in shown.group(2):
            return f"the test {test} does not compare anything with this page"
        return None


def check_examples(root, pages, fix):
    examples = Examples(root)
    yield from examples.problems
    for page in pages:
        changed = False
        for block in page.blocks:
            wanted, problem = wanted_text(root, examples, block)
            if problem:
                yield page.name, block.line, problem
            elif wanted is not None and wanted != dedent(block.text.split("\n")):
                if fix:
                    changed = True
                    block.text = wanted
                else:
                    yield (page.name, block.line,
                           f"differs from {block.marker[1]}; check_docs.py --fix writes it")
        if changed:
            write_blocks(page)
    if not fix:
        yield from examples.unused()


def wanted_text(root, examples, block):
    """(what the block must say or None, what is wrong or None)."""
    if block.language not in LANGUAGES:
        return None, f"unknown language {block.language}"
    kind = MARKER_OF.get(block.language)
    if kind is None:
        return None, None
    if block.marker is None or block.marker[0] != kind:
        return None, f"a {block.language} block needs <!-- {kind}: ... --> in the line before it"
    target = block.marker[1]
    if kind == "example":
        return examples.region(target)
    if kind == "output":
        return None, examples.output_problem(target)
    if not (root / target).is_file():
        return None, f"there is no {target}"
    return (root / target).read_text(encoding="utf-8").strip("\n"), None


def write_blocks(page):
    lines = list(page.lines)
    for block in sorted(page.blocks, key=lambda each: -each.line):
        end = block.line - 1
        while not FENCE.match(lines[end]):
            end += 1
        lines[block.line - 1:end] = block.text.split("\n")
    page.path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- commands -----------------------------------------------------------------------------------


class Commands:
    """What an sh block may use."""

    def __init__(self, root):
        dev = (root / "dev").read_text(encoding="utf-8")
        self.dev = set(re.findall(r"^command_(\w+)\(\)", dev, re.M))
        presets = json.loads((root / "CMakePresets.json").read_text(encoding="utf-8"))
        self.presets = {each["name"] for kind in ("configurePresets", "workflowPresets")
                        for each in presets[kind] if not each.get("hidden")}
        flags = (root / "harness/reprise/testing/flags.cc").read_text(encoding="utf-8")
        self.flags = set(re.findall(r'"(--reprise_\w+)"', flags))
        cli = (root / "harness/reprise/cli/cli.cc").read_text(encoding="utf-8")
        self.reprise = set(re.findall(r'^    \{"(\w+)", k\w+Help', cli, re.M)) | {"--help"}
        self.programs = {path.stem for path in (root / "docs/examples").glob("*_test.cc")}
        self.options = set(re.findall(r"^option\((\w+)", (root / "CMakeLists.txt").read_text(
            encoding="utf-8"), re.M))

    def problem(self, line):
        words = line.split("#")[0].split()
        while words and re.match(r"^[A-Z_]+=", words[0]):
            words.pop(0)
        if not words:
            return None
        command, arguments = words[0], words[1:]
        if command == "./dev":
            if not arguments or arguments[0] not in self.dev:
                return f"./dev has no command {arguments[0] if arguments else '(none)'}"
        elif command == "reprise":
            if not arguments or arguments[0] not in self.reprise:
                return f"reprise has no command {arguments[0] if arguments else '(none)'}"
        elif command.startswith("./"):
            if command[2:] not in self.programs:
                return f"no example is called {command[2:]}"
        elif command not in ("cmake", "ctest", "c++", "pkg-config"):
            return f"the command {command} is not one of this repository"
        for before, argument in zip([""] + arguments, arguments):
            if before == "--preset" and argument not in self.presets:
                return f"there is no preset {argument}"
            option = re.match(r"^-D(REPRISE_\w+)=", argument)
            if option and option.group(1) not in self.options:
                return f"there is no option {option.group(1)}"
            if argument.startswith("--reprise_") and argument.split("=")[0] not in self.flags:
                return f"there is no flag {argument}"
        return None


def check_commands(root, pages):
    commands = Commands(root)
    for page in pages:
        for block in page.blocks:
            if block.language != "sh":
                continue
            text = block.text.replace("\\\n", "  ")
            for offset, line in enumerate(text.split("\n")):
                problem = commands.problem(line)
                if problem:
                    yield page.name, block.line + offset, problem


# --- links, lines, pages ------------------------------------------------------------------------


def check_links(root, pages):
    anchors = {page.path: page.anchors() for page in pages}
    for page in pages:
        for number, line in page.prose:
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"^[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                place = (page.path.parent / path).resolve() if path else page.path
                if not place.exists():
                    yield page.name, number, f"the link {target} leads nowhere"
                elif anchor and anchor not in anchors.get(place, set()):
                    yield page.name, number, f"the link {target} names no heading"


def check_form(pages):
    for page in pages:
        if page.unclosed:
            yield page.name, page.unclosed, "this block does not end"
        for number, line in enumerate(page.lines, start=1):
            if len(line) > COLUMNS and not line.lstrip().startswith(("|", "<!--")):
                if "://" not in line and not is_recorded(page, number):
                    yield page.name, number, f"{len(line)} columns, more than {COLUMNS}"


def is_recorded(page, number):
    return any(block.marker and block.line <= number <= block.line + block.text.count("\n")
               for block in page.blocks)


def verdict_names(root):
    text = (root / "harness/reprise/record/finding.cc").read_text(encoding="utf-8")
    return re.findall(r'\{Verdict::k\w+, "([A-Z_]+)"\}', text)


def check_verdicts(root, pages):
    names = verdict_names(root)
    if not names:
        yield "harness/reprise/record/finding.cc", 1, "no names of verdicts found"
    titles = {page.name: page.lines[0] if page.lines else "" for page in pages}
    for name in names:
        page = f"docs/verdicts/{name.lower()}.md"
        if page not in titles:
            yield page, 1, f"reports point to this page of {name}, and it does not exist"
        elif titles[page] != f"# {name}":
            yield page, 1, f'its title must be "# {name}"'
    for page in titles:
        if page.startswith("docs/verdicts/") and pathlib.PurePath(page).stem.upper() not in names:
            yield page, 1, "there is no such verdict"


CITED_SECTION = re.compile(r"PROTOCOL (?:section )?(\d+(?:\.\d+)*)")
CITED_RULE = re.compile(r"\b([FSH]-\d+)\b")


def check_citations(root):
    """What comments cite as PROTOCOL n.m, F-n, S-n, H-n must be found in docs/protocol.md."""
    path = root / "docs/protocol.md"
    if not path.is_file():
        yield "docs/protocol.md", 1, "missing: comments in the sources cite it"
        return
    text = path.read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)*)", text, re.M))
    rules = set(re.findall(r"\*\*([FSH]-\d+)\*\*", text))
    sources = [p for top in ("harness/reprise", "fakes/reprise")
               for p in sorted((root / top).rglob("*")) if p.suffix in (".h", ".cc")]
    for source in sources:
        name = str(source.relative_to(root))
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
            for section in CITED_SECTION.findall(line):
                # A third number is an item of a list, or a heading of its own.
                if ".".join(section.split(".")[:2]) not in sections:
                    yield name, number, f"docs/protocol.md has no section {section}"
            comment = line.partition("//")[2]
            for rule in CITED_RULE.findall(comment):
                if rule not in rules:
                    yield name, number, f"docs/protocol.md has no rule **{rule}**"


# --- schema -------------------------------------------------------------------------------------


def mutants(fixture):
    """Wrong fixtures, made of a right one: (what is wrong, the fixture)."""
    def changed(what, change):
        other = copy.deepcopy(fixture)
        change(other)
        return what, other

    yield changed("an unknown member", lambda f: f.update(extra=1))
    yield changed("an unknown version", lambda f: f.update(version=2))
    yield changed("no scenario", lambda f: f.pop("scenario"))
    yield changed("an unknown expectation", lambda f: f.update(expect="maybe"))
    yield changed("an unknown verdict", lambda f: f["finding"].update(verdict="WRONG"))
    yield changed("an unknown member of the finding", lambda f: f["finding"].update(extra=1))
    yield changed("a schedule that is no array", lambda f: f.update(schedule={}))
    if fixture["schedule"]:
        yield changed("an unknown event", lambda f: f["schedule"][0].update(event="explode"))
        yield changed("an unknown member of an event", lambda f: f["schedule"][0].update(extra=1))
        yield changed("an event without its kind", lambda f: f["schedule"][0].pop("event"))


def report_mutants(report):
    """Wrong reports, made of a right one: (what is wrong, the report)."""
    def changed(what, change):
        other = copy.deepcopy(report)
        change(other)
        return what, other

    yield changed("an unknown member", lambda r: r.update(extra=1))
    yield changed("an unknown version", lambda r: r.update(version=2))
    yield changed("no coverage", lambda r: r.pop("coverage"))
    yield changed("a count that is no number", lambda r: r["certificate"].update(states="9"))
    yield changed("an unknown part of a certificate", lambda r: r["certificate"].update(extra=1))
    yield changed("part 0", lambda r: r["parts"].update(present=[0]))
    yield changed("no part", lambda r: r["parts"].update(present=[]))
    yield changed("an unknown end", lambda r: r["benign"].update(end="bored"))
    yield changed("an unknown mark", lambda r: r["benign"]["timeline"][0].update(mark="x"))
    for number, finding in enumerate(report["findings"]):
        def of(change, number=number):
            return lambda r: change(r["findings"][number])

        yield changed("an unknown verdict", of(lambda f: f.update(verdict="WRONG")))
        yield changed("a finding without its run", of(lambda f: f.pop("run")))
        if finding["schedule"]:
            yield changed("an unknown event", of(lambda f: f["schedule"][0].update(event="x")))


def load_schema(root, name, others=()):
    """The schema in docs/, what it refers to in `others` made its own."""
    schema = json.loads((root / "docs" / name).read_text(encoding="utf-8"))
    for other in others:
        definitions = json.loads((root / "docs" / other).read_text(encoding="utf-8"))["$defs"]
        schema["$defs"].update(definitions)
        text = json.dumps(schema).replace(f'"{other}#/$defs/', '"#/$defs/')
        schema = json.loads(text)
    return schema


def check_documents(root, validator, schema_name, format_name, places, make_mutants):
    """Validates the files below `places` that have this format, and what is made wrong of them."""
    checked = 0
    for path in sorted(each for place in places for each in (root / place).rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or document.get("format") != format_name:
            continue
        file = str(path.relative_to(root))
        checked += 1
        for error in validator.iter_errors(document):
            yield file, 1, f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for what, mutant in make_mutants(document):
            if validator.is_valid(mutant):
                yield schema_name, 1, f"accepts {what} ({file})"
    if checked == 0:
        yield schema_name, 1, f"there is no {format_name} to validate"


def check_schema(root):
    from jsonschema import Draft202012Validator  # checked for by the caller

    schema = load_schema(root, "fixture.schema.json")
    Draft202012Validator.check_schema(schema)
    if sorted(schema["$defs"]["verdict"]["enum"]) != sorted(verdict_names(root)):
        yield ("docs/fixture.schema.json", 1,
               "its verdicts are not those of harness/reprise/record/finding.cc")
    yield from check_documents(
        root, Draft202012Validator(schema), "docs/fixture.schema.json", "reprise-fixture",
        ["docs/examples/fixtures", "fixtures"], mutants)
    schema = load_schema(root, "report.schema.json", ["fixture.schema.json"])
    Draft202012Validator.check_schema(schema)
    yield from check_documents(
        root, Draft202012Validator(schema), "docs/report.schema.json", "reprise-report",
        ["docs/examples/reports"], report_mutants)


def main(arguments):
    here = pathlib.Path(__file__).resolve()
    switches = [each for each in arguments if each.startswith("--")]
    others = [each for each in arguments if not each.startswith("--")]
    root = pathlib.Path(others[0]).resolve() if others else here.parents[2]
    if set(switches) - {"--fix", "--schema"}:
        print(__doc__)
        return 2
    if "--schema" in switches:
        try:
            import jsonschema  # noqa: F401
        except ImportError:
            print("python3-jsonschema is missing: fixtures and reports are not validated")
            return SKIPPED
        problems = list(check_schema(root))
    else:
        pages = pages_of(root)
        problems = list(check_examples(root, pages, "--fix" in switches))
        pages = pages_of(root)
        problems += check_commands(root, pages)
        problems += check_links(root, pages)
        problems += check_form(pages)
        problems += check_verdicts(root, pages)
        problems += check_citations(root)
    for name, line, message in problems:
        print(f"{name}:{line}: {message}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
