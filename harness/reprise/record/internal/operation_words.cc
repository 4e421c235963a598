#include "reprise/record/internal/operation_words.h"

#include <utility>

namespace reprise::internal {
namespace {

constexpr std::string_view kFirst = "#1";

constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {sub_type::kStep, "step"},
    {sub_type::kWaitForCondition, "wait_for_condition"},
    {sub_type::kWait, "wait"},
    {sub_type::kCallback, "callback"},
    {sub_type::kWaitForCallback, "wait_for_callback"},
    {sub_type::kChainedInvoke, "invoke"},
    {sub_type::kRunInChildContext, "context"},
    {sub_type::kMap, "map"},
    {sub_type::kMapIteration, "item"},
    {sub_type::kParallel, "parallel"},
    {sub_type::kParallelBranch, "branch"},
};

}  // namespace

std::string operation_words(OperationType type, std::string_view sub_type, std::string path) {
  for (std::size_t at = path.find(kFirst); at != path.npos; at = path.find(kFirst, at)) {
    const std::size_t behind = at + kFirst.size();
    if (behind == path.size() || path[behind] == '/') {
      path.erase(at, kFirst.size());
    } else {
      at = behind;
    }
  }
  std::string word(to_string(type));
  word.append(" (").append(sub_type).append(")");
  for (const auto& [known, spelled] : kWords) {
    if (known == sub_type) word = spelled;
  }
  return word + " \"" + path + "\"";
}

std::string operation_identity(OperationType type, std::string_view sub_type,
                               const SharedText& name) {
  std::string text(to_string(type));
  text.append(" (").append(sub_type).append(") ");
  return text + (name ? "\"" + name.str() + "\"" : "without a name");
}

}  // namespace reprise::internal
