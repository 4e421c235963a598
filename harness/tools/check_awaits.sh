#!/usr/bin/env bash
# Finds the forms of co_await that compilers get wrong (await_rules.query says which).
#
#   check_awaits.sh BUILD_DIR [FILE...]   checks the files, by default every source of this
#                                         repository with a co_await, as compile_commands.json in
#                                         BUILD_DIR says that they are compiled
#   check_awaits.sh --selftest            checks the rules themselves on await_rules_testdata/
#
# Prints "file:line:column: error: rule" for each violation and exits with 1 when there is one.
set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tools/../.." && pwd)
query=$tools/await_rules.query
jobs=2

require_clang_query() {
  if ! command -v clang-query-16 >/dev/null; then
    echo "clang-query-16 is missing: ./dev setup installs it" >&2
    exit 1
  fi
}

# Runs the rules over one file; the arguments are those of clang-query.
check_one() {
  local output status=0
  output=$(clang-query-16 -f "$query" "$@" 2>&1) || status=$?
  if ((status != 0)) || grep -qE '(^|: )(fatal )?error: |^[0-9]+:[0-9]+: ' <<<"$output"; then
    printf '%s\nclang-query-16 could not read this: %s\n' "$output" "$*" >&2
    return 1
  fi
  grep -E ': note: ".*" binds here$' <<<"$output" | grep -v '"coroutine" binds here$' | sort -u |
    sed -E "s|^$root/||; s/: note: \"(.*)\" binds here\$/: error: \1/" | grep . || return 0
  return 1
}

# Sources with an await, and for each header with one a source that includes it.
list_sources() {
  local places=(harness fakes scenarios property_tests docs)
  local skip='harness/(compile_fail|compile_ok|consumer)/|/await_rules_testdata/'
  cd "$root"
  {
    grep -rl --include='*.cc' 'co_await' "${places[@]}" || true
    grep -rl --include='*.h' 'co_await' "${places[@]}" | while read -r header; do
      grep -rlE --include='*.cc' "#include \"(.*/)?$(basename "$header")\"" "${places[@]}" |
        grep -vE "$skip" | head -1 || true
    done
  } | grep -vE "$skip" | sort -u
}

check_sources() {
  if [[ ! -f $1/compile_commands.json ]]; then
    echo "$1 has no compile_commands.json: configure it first" >&2
    exit 1
  fi
  local build
  build=$(cd "$1" && pwd)
  shift
  local sources=("$@")
  if (($# == 0)); then
    mapfile -t sources < <(list_sources)
  fi
  ((${#sources[@]} > 0)) || return 0
  cd "$root"
  # -w: warnings are the compiler's business, and -Werror would stop the parse.
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$jobs" "$tools/check_awaits.sh" --one -p "$build" --extra-arg=-w || exit 1
}

expect_rule() {
  local file=$1 rule expected actual
  rule=$(sed -n 's|^// EXPECT-RULE: ||p' "$file")
  expected=$(grep -n '// BAD$' "$file" | cut -d: -f1 | sort -n | uniq | sed "s|\$| $rule|" || true)
  actual=$(check_one "$file" -- -std=c++20 -w || true)
  actual=$(sed -E 's/^.*:([0-9]+):[0-9]+: error: (.*)$/\1 \2/' <<<"$actual" | sort -n | uniq)
  if [[ $expected != "$actual" ]]; then
    printf '%s: expected on these lines\n%s\nbut found\n%s\n' "$file" "$expected" "$actual"
    return 1
  fi
}

selftest() {
  local file failed=0
  for file in "$tools"/await_rules_testdata/*.cc; do
    expect_rule "$file" || failed=1
  done
  return "$failed"
}

require_clang_query
case ${1:-} in
  --one) shift && check_one "$@" ;;
  --selftest) selftest ;;
  '') sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
  *) check_sources "$@" ;;
esac
