#include <algorithm>
#include <array>
#include <utility>

#include "reprise/report/internal/html.h"

namespace reprise::internal {
namespace {

constexpr int kCharacter = 8;  // what a character takes at most, in the font of the drawing
constexpr int kPad = 10;
constexpr int kRow = 26;
constexpr int kBar = 20;
constexpr int kLaneGap = 14;
constexpr int kGutterMin = 80;
constexpr int kDiamond = 14;  // the sign of an effect, with the gap to its label
constexpr int kCross = 20;

int width_of(std::string_view text) { return static_cast<int>(character_count(text)) * kCharacter; }

std::string lane_title(const Lane& lane, bool several) {
  std::string title = "inv " + std::to_string(lane.invocation);
  if (several) title += " " + lane.execution;
  if (lane.goes_on) title += " goes on";
  return title;
}

bool several_executions(const std::vector<Lane>& lanes) {
  return std::any_of(lanes.begin(), lanes.end(),
                     [&](const Lane& lane) { return lane.execution != lanes.front().execution; });
}

std::string title_element(const std::string& text) {
  return "<title>" + html_escape(text) + "</title>";
}

std::string text_element(int x, int y, const std::string& text, const std::string& style) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"" +
         (style.empty() ? "" : " class=\"" + style + "\"") + ">" + html_escape(text) + "</text>";
}

struct BarLook {
  const char* style;
  const char* text_style;
  const char* words;
};

BarLook look_of(const LaneBar& bar) {
  switch (bar.end) {
    case LaneBar::End::kFailed:
      return {"failed", "", "its failure is recorded"};
    case LaneBar::End::kCrashed:
      return {"crashed", "", "the process died in it"};
    case LaneBar::End::kOpen:
      return {"operation open", "", "goes on in a later invocation"};
    case LaneBar::End::kRecorded:
    case LaneBar::End::kNone:
      break;
  }
  switch (bar.kind) {
    case LaneBar::Kind::kFresh:
      return {"fresh", "", "runs, and its result is recorded"};
    case LaneBar::Kind::kReplayed:
      return {"replayed", "replayed-text", "replayed: answered from its record"};
    case LaneBar::Kind::kFunction:
      return {"function", "", "a plain function"};
    case LaneBar::Kind::kOperation:
      break;
  }
  return {"operation", "", "its result is recorded"};
}

/// Draws one lane: first the widths of its slots, then the shapes.
class LaneDrawing {
 public:
  LaneDrawing(const Lane& lane, int left, int top) : lane_(lane), top_(top) {
    std::vector<int> widths(lane.slots, kPad);
    for (const LaneBar& bar : lane.bars) {
      widths[bar.first] = width_of(bar.label) + 2 * kPad;
      for (const LaneEffect& effect : bar.effects) widths[effect.slot] = effect_width(effect);
    }
    for (const LaneEffect& effect : lane.effects) widths[effect.slot] = effect_width(effect);
    for (const std::vector<LaneStop>* stops : {&lane.stops, &lane.notes}) {
      for (const LaneStop& stop : *stops) {
        widths[stop.slot] = width_of(stop.label) + kCross + kPad;
      }
    }
    edges_.push_back(left);
    for (const int width : widths) edges_.push_back(edges_.back() + width + kGap);
  }

  int right() const { return edges_.back(); }

  void draw(std::string& out) const {
    for (const LaneBar& bar : lane_.bars) draw_bar(out, bar);
    for (const LaneEffect& effect : lane_.effects) draw_effect(out, effect, 0);
    for (const LaneStop& stop : lane_.stops) draw_stop(out, stop);
    for (const LaneStop& note : lane_.notes) draw_note(out, note);
  }

 private:
  static constexpr int kGap = 4;

  static int effect_width(const LaneEffect& effect) {
    return width_of(effect.label) + kDiamond + kPad;
  }

  int x(std::size_t slot) const { return edges_[slot]; }
  int y(std::size_t row) const { return top_ + static_cast<int>(row) * kRow; }

  void draw_bar(std::string& out, const LaneBar& bar) const {
    const BarLook look = look_of(bar);
    const int left = x(bar.first);
    const int width = x(bar.last + 1) - kGap - left;
    out += "<g>" + title_element(bar.label + ": " + look.words);
    out += "<rect class=\"bar ";
    out += look.style;
    out += "\" x=\"" + std::to_string(left) + "\" y=\"" + std::to_string(y(bar.row)) +
           "\" width=\"" + std::to_string(width) + "\" height=\"" + std::to_string(kBar) +
           "\" rx=\"4\"/>";
    out += text_element(left + kPad, y(bar.row) + 14, bar.label, look.text_style) + "</g>\n";
    for (const LaneEffect& effect : bar.effects) draw_effect(out, effect, bar.row);
  }

  void draw_effect(std::string& out, const LaneEffect& effect, std::size_t row) const {
    const char* const style = effect.changed ? "effect" : "repeat";
    const int left = x(effect.slot);
    const int middle = y(row) + kBar / 2;
    out += "<g>" + title_element((effect.call.empty() ? effect.label : effect.call) +
                                 (effect.changed ? "" : ": changed nothing"));
    out += "<path class=\"";
    out += style;
    out += "\" d=\"M" + std::to_string(left + 5) + " " + std::to_string(middle - 5) +
           "l5 5-5 5-5-5z\"/>";
    out += text_element(left + kDiamond, y(row) + 14, effect.label, style) + "</g>\n";
  }

  void draw_stop(std::string& out, const LaneStop& stop) const {
    const int left = x(stop.slot);
    const bool crash = stop.kind == LaneStop::Kind::kCrash;
    out += "<g>";
    if (!stop.detail.empty()) out += title_element("crash " + stop.detail);
    if (crash) {
      out += "<path class=\"cross\" d=\"M" + std::to_string(left) + " " + std::to_string(top_ + 4) +
             "l12 12m0 -12l-12 12\"/>";
    } else {
      out += "<path class=\"rule\" d=\"M" + std::to_string(left) + " " + std::to_string(top_) +
             "v" + std::to_string(kBar) + "\"/>";
    }
    out += text_element(left + (crash ? kCross : kPad), top_ + 14, stop.label,
                        crash ? "crash" : "soft");
    out += "</g>\n";
  }

  /// A fault is a bolt, an arrival an arrow.  They lie over the bar of whom they befall.
  void draw_note(std::string& out, const LaneStop& note) const {
    const bool fault = note.kind == LaneStop::Kind::kFault;
    const int left = x(note.slot);
    out += "<g>" + title_element((fault ? "fault: " : "arrives: ") + note.label);
    out += std::string("<path class=\"") + (fault ? "bolt" : "arrow") + "\" d=\"M" +
           std::to_string(left + 4) + " " + std::to_string(top_ + 3) +
           (fault ? "h6l-3 5h4l-7 8 2-6h-4z" : "v10m-4-4l4 4 4-4") + "\"/>";
    out += text_element(left + kDiamond + 2, top_ + 14, note.label, fault ? "crash" : "soft");
    out += "</g>\n";
  }

  const Lane& lane_;
  int top_;
  std::vector<int> edges_;  // left edges of the slots, and the right edge of the last
};

std::string svg(int width, int height, const std::string& label, const std::string& body) {
  const std::string size = std::to_string(width) + " " + std::to_string(height);
  return "<svg role=\"img\" aria-label=\"" + html_escape(label) + "\" width=\"" +
         std::to_string(width) + "\" height=\"" + std::to_string(height) + "\" viewBox=\"0 0 " +
         size + "\">\n" + body + "</svg>\n";
}

}  // namespace

std::string lanes_svg(const std::vector<Lane>& lanes, std::size_t lanes_max) {
  const std::size_t shown = std::min(lanes.size(), lanes_max);
  const bool several = several_executions(lanes);
  int gutter = kGutterMin;
  for (std::size_t i = 0; i < shown; ++i) {
    gutter = std::max(gutter, width_of(lane_title(lanes[i], several)) + 2 * kPad);
  }
  std::string body;
  int top = kPad / 2;
  int right = gutter;
  for (std::size_t i = 0; i < shown; ++i) {
    const LaneDrawing drawing(lanes[i], gutter, top);
    body += text_element(0, top + 14, lane_title(lanes[i], several), "soft") + "\n";
    drawing.draw(body);
    right = std::max(right, drawing.right());
    top += static_cast<int>(lanes[i].rows) * kRow + kLaneGap - kRow + kBar;
  }
  if (shown < lanes.size()) {
    const std::string rest = "... and " + std::to_string(lanes.size() - shown) +
                             " more invocations, which the JSON report has";
    body += text_element(0, top + 14, rest, "soft") + "\n";
    right = std::max(right, width_of(rest));
    top += kRow;
  }
  return svg(right, top, "timeline of " + std::to_string(lanes.size()) + " invocations", body);
}

}  // namespace reprise::internal
