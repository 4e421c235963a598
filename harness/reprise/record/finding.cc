#include "reprise/record/finding.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace reprise {
namespace {

constexpr std::array<std::pair<Verdict, std::string_view>, 13> kNames = {{
    {Verdict::kDivergentOp, "DIVERGENT_OP"},
    {Verdict::kDivergentArg, "DIVERGENT_ARG"},
    {Verdict::kAmbientCall, "AMBIENT_CALL"},
    {Verdict::kDuplicateEffect, "DUPLICATE_EFFECT"},
    {Verdict::kLostEffect, "LOST_EFFECT"},
    {Verdict::kOrphanEffect, "ORPHAN_EFFECT"},
    {Verdict::kUnstableOutcome, "UNSTABLE_OUTCOME"},
    {Verdict::kStuck, "STUCK"},
    {Verdict::kBoundary, "BOUNDARY"},
    {Verdict::kLeak, "LEAK"},
    {Verdict::kLimit, "LIMIT"},
    {Verdict::kUndecodable, "UNDECODABLE"},
    {Verdict::kInvariant, "INVARIANT"},
}};

}  // namespace

std::string_view to_string(Verdict verdict) {
  for (const auto& [value, name] : kNames) {
    if (value == verdict) return name;
  }
  std::abort();
}

std::optional<Verdict> verdict_from(std::string_view name) {
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

std::string short_location(const std::source_location& location) {
  const std::string_view file = location.file_name();
  if (file.empty()) return {};
  const std::size_t slash = file.rfind('/');
  return std::string(file.substr(slash == std::string_view::npos ? 0 : slash + 1)) + ":" +
         std::to_string(location.line());
}

}  // namespace reprise
