#include "reprise/report/internal/screen.h"

#include <algorithm>
#include <cctype>

#include "reprise/report/text_report.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kHeadWidth = 40;

}  // namespace

std::string headline(const std::string& test, Verdict verdict) {
  std::string head = "FAILED  " + test;
  head.resize(std::max(head.size() + 2, kHeadWidth), ' ');
  return head + std::string(to_string(verdict)) + "\n";
}

void append_wrapped(std::string& out, const std::string& label, const std::string& text) {
  reprise::append_wrapped(out, kColumns, label, text);
}

std::string verdict_page(Verdict verdict) {
  std::string page(to_string(verdict));
  std::transform(page.begin(), page.end(), page.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return "docs/verdicts/" + page + ".md";
}

}  // namespace reprise::internal
