#include "reprise/report/internal/screen.h"

#include <algorithm>
#include <cctype>

namespace reprise::internal {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kLabelWidth = 11;
constexpr std::size_t kHeadWidth = 40;

}  // namespace

std::string headline(const std::string& test, Verdict verdict) {
  std::string head = "FAILED  " + test;
  head.resize(std::max(head.size() + 2, kHeadWidth), ' ');
  return head + std::string(to_string(verdict)) + "\n";
}

void append_wrapped(std::string& out, const std::string& label, const std::string& text) {
  std::string line = "  " + label;
  line.resize(std::max(line.size() + 1, kLabelWidth + 2), ' ');
  const std::size_t indent = line.size();
  const auto end_line = [&] {
    while (line.size() > indent && line.back() == ' ') line.pop_back();
    out += line + "\n";
  };
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && text[at] == ' ' && line.size() == indent) ++at;
    std::size_t end = text.find(' ', at + 1);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(at, end - at);
    if (line.size() + word.size() > kColumns && line.size() > indent) {
      end_line();
      line.assign(indent, ' ');
      continue;
    }
    line += word;
    at = end;
  }
  end_line();
}

std::string verdict_page(Verdict verdict) {
  std::string page(to_string(verdict));
  std::transform(page.begin(), page.end(), page.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return "docs/verdicts/" + page + ".md";
}

}  // namespace reprise::internal
