#!/usr/bin/env bash
# A run record must not depend on the compiler, on its optimizer or on the process: builds the
# library and record_dump_main.cc four ways, runs each program twice, compares the eight outputs
# byte for byte.
#
#   check_determinism.sh [WORK_DIR]
#
# The library is compiled as one file, so names in its unnamed namespaces must not clash.
set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tools/../.." && pwd)
rooms=(protocol sdk choices service world runtime record explore checks report)
builds=('g++ -O0' 'g++ -O2' 'clang++-16 -O0' 'clang++-16 -O2')
packages=(absl_any_invocable absl_btree absl_cleanup absl_flat_hash_map absl_flat_hash_set
  absl_function_ref absl_inlined_vector absl_span absl_status absl_statusor absl_str_format
  absl_strings absl_time libcrypto)
launcher=()
if command -v ccache >/dev/null; then launcher=(ccache); fi

require() {
  local program
  for program in g++ clang++-16 pkg-config; do
    if ! command -v "$program" >/dev/null; then
      echo "$program is missing: ./dev setup installs it" >&2
      exit 1
    fi
  done
}

# All in one file; these write pages and files, which the dump does not.
not_dumped='/report/(merge|upgrade_report|html_report|json_report|junit_properties|report_files)'
not_dumped+='|/report/internal/(lanes|history|html)'

list_sources() {
  local room
  for room in "${rooms[@]}"; do
    [[ -d $root/harness/reprise/$room ]] || continue
    find "$root/harness/reprise/$room" -name '*.cc' |
      grep -vE '_(test|bench|main|test_support)\.cc$' | grep -vE "$not_dumped" |
      LC_ALL=C sort || true
  done
  # Handlers to run, where the dump takes them from the scenarios.
  if grep -qE '#include "(scenarios|reprise/fakes)/' "$tools/record_dump_main.cc"; then
    find "$root/fakes/reprise" "$root/scenarios" -name '*.cc' |
      grep -vE '_(test|bench|main|test_support)\.cc$' | LC_ALL=C sort || true
  fi
  echo "$tools/record_dump_main.cc"
}

# One of the four: the argument is a line of `builds`.
build_one() {
  local build=$1 compiler level name
  read -r compiler level <<<"$build"
  name=$work/${build// /}
  # shellcheck disable=SC2046
  "${launcher[@]}" "$compiler" -std=c++20 "$level" -w -I"$root/harness" -I"$root/fakes" \
    -I"$root/scenarios" -I"$root" -DREPRISE_SOURCE_DIR="\"$root\"" \
    $(pkg-config --cflags "${packages[@]}") -c "$work/all.cc" -o "$name.o" &&
    "$compiler" "$name.o" -o "$name" $(pkg-config --libs "${packages[@]}")
}

build_all() {
  list_sources | sed 's/.*/#include "&"/' >"$work/all.cc"
  local first failed=0
  # Two at a time: the machines that run this have two cores.
  for ((first = 0; first < ${#builds[@]}; first += 2)); do
    build_one "${builds[first]}" & local one=$!
    build_one "${builds[first + 1]}" & local two=$!
    wait "$one" || failed=1
    wait "$two" || failed=1
    ((failed == 0)) || return 1
  done
}

run_and_compare() {
  local build turn name reference='' failed=0
  for build in "${builds[@]}"; do
    for turn in 1 2; do
      name=$work/${build// /}
      "$name" >"$name.out$turn"
      reference=${reference:-$name.out$turn}
      if ! cmp -s "$reference" "$name.out$turn"; then
        echo "run $turn of the program built by $build differs from the first of ${builds[0]}:"
        diff "$reference" "$name.out$turn" | head -20 || true
        failed=1
      fi
    done
  done
  if [[ ! -s $reference ]]; then
    echo "record_dump printed nothing: eight empty outputs prove nothing"
    failed=1
  fi
  return "$failed"
}

require
work=${1:-}
if [[ -z $work ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
build_all
run_and_compare
echo "8 outputs are identical"
