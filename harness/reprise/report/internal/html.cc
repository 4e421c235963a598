#include "reprise/report/internal/html.h"

namespace reprise::internal {
namespace {

constexpr std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f6f8; --line: #d5d9e0; --text: #1b1f27; --soft: #5b6472;
  --accent: #1f5fbf; --fresh: #cfe2fb; --fresh-line: #2f6fcb; --replay: #eceef2;
  --replay-line: #8a93a3; --wait: #ffffff; --wait-line: #2f6fcb; --function: #e6dcf7;
  --function-line: #7a4fc0; --failed: #ffe3c2; --failed-line: #c46a00; --crash: #c8102e;
  --crash-fill: #fbdfe3; --effect: #0f7a4d; --repeat: #8a93a3; --good: #0f7a4d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1d2128; --line: #363d48; --text: #e6e9ee; --soft: #9aa4b2;
    --accent: #7fb2ff; --fresh: #1d3a63; --fresh-line: #6ea6f5; --replay: #262b34;
    --replay-line: #7d8796; --wait: #14171c; --wait-line: #6ea6f5; --function: #362a52;
    --function-line: #b493f2; --failed: #4d3413; --failed-line: #f0a648; --crash: #ff6b81;
    --crash-fill: #4b1e27; --effect: #4fd39a; --repeat: #7d8796; --good: #4fd39a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 2rem 4rem; max-width: 84rem; background: var(--page);
  color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; padding-top: 1rem;
  border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: .95rem; margin: 1.25rem 0 .4rem; color: var(--soft); font-weight: 600; }
code, .mono, td.mono, svg text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
code, .mono { font-size: .87em; overflow-wrap: anywhere; }
a { color: var(--accent); }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .8rem;
  font-weight: 600; letter-spacing: .02em; border: 1px solid currentColor; }
.bad { color: var(--crash); } .good { color: var(--good); } .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem;
  margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
td.number { font-variant-numeric: tabular-nums; }
.pair { table-layout: fixed; } .pair td.differs { background: var(--crash-fill); }
.pair td, .pair th { padding-left: .5rem; }
figure { margin: 0; padding: .75rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; overflow-x: auto; }
figure svg { display: block; }
ul.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .5rem 0; padding: 0;
  list-style: none; font-size: .8rem; color: var(--soft); }
ul.legend svg { vertical-align: middle; margin-right: .35rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); }
svg text { font-size: 12px; fill: var(--text); white-space: pre; }
svg .soft { fill: var(--soft); } svg .rule { stroke: var(--line); }
svg .bar { stroke-width: 1.2; }
svg .fresh { fill: var(--fresh); stroke: var(--fresh-line); }
svg .replayed { fill: var(--replay); stroke: var(--replay-line); stroke-dasharray: 4 2; }
svg .operation { fill: var(--wait); stroke: var(--wait-line); }
svg .function { fill: var(--function); stroke: var(--function-line); }
svg .failed { fill: var(--failed); stroke: var(--failed-line); }
svg .crashed { fill: var(--crash-fill); stroke: var(--crash); }
svg .open { stroke-dasharray: 1.5 2.5; }
svg text.replayed-text { fill: var(--soft); stroke: none; }
svg .effect { fill: var(--effect); } svg text.effect { font-weight: 600; }
svg .repeat { fill: none; stroke: var(--repeat); } svg text.repeat { stroke: none;
  fill: var(--soft); }
svg .cross { stroke: var(--crash); stroke-width: 2.4; } svg text.crash { fill: var(--crash);
  font-weight: 600; }
svg .bolt { fill: var(--crash); } svg .arrow { stroke: var(--soft); stroke-width: 1.6; fill: none; }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  figure { overflow: visible; break-inside: avoid; }
  figure svg { max-width: 100%; height: auto; }
  details:not([open]) > *:not(summary) { display: none; }
}
)css";

constexpr std::string_view kLegend[][2] = {
    {R"(<rect class="bar fresh" x="1" y="1" width="26" height="12" rx="3"/>)",
     "a step body runs, its result is recorded"},
    {R"(<rect class="bar replayed" x="1" y="1" width="26" height="12" rx="3"/>)",
     "replayed: answered from its record"},
    {R"(<rect class="bar operation" x="1" y="1" width="26" height="12" rx="3"/>)",
     "wait, invoke, callback, context"},
    {R"(<rect class="bar operation open" x="1" y="1" width="26" height="12" rx="3"/>)",
     "goes on in a later invocation"},
    {R"(<rect class="bar failed" x="1" y="1" width="26" height="12" rx="3"/>)",
     "its failure is recorded"},
    {R"(<rect class="bar crashed" x="1" y="1" width="26" height="12" rx="3"/>)",
     "the process died in it"},
    {R"(<rect class="bar function" x="1" y="1" width="26" height="12" rx="3"/>)",
     "a plain function"},
    {R"(<path class="effect" d="M14 1l6 6-6 6-6-6z"/>)", "an effect"},
    {R"(<path class="repeat" d="M14 1l6 6-6 6-6-6z"/>)", "an effect that changed nothing"},
    {R"(<path class="cross" d="M9 2l10 10M19 2l-10 10"/>)", "a crash"},
    {R"(<path class="bolt" d="M13 0h6l-3 5h4l-7 8 2-6h-4z"/>)", "a fault"},
    {R"(<path class="arrow" d="M14 1v10m-4-4l4 4 4-4"/>)", "something arrives"},
};

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\t':
      case '\n':
        out += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
  }
  return count;
}

std::string_view html_style() { return kStyle; }

std::string html_legend() {
  std::string out = "<ul class=\"legend\">\n";
  for (const auto& [shape, meaning] : kLegend) {
    out += "<li><svg width=\"28\" height=\"14\" aria-hidden=\"true\">";
    out += shape;
    out += "</svg>";
    out += meaning;
    out += "</li>\n";
  }
  return out + "</ul>\n";
}

}  // namespace reprise::internal
