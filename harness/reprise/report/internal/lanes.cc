#include "reprise/report/internal/lanes.h"

#include <algorithm>
#include <map>
#include <utility>

namespace reprise::internal {
namespace {

using Mark = TimelineMark::Kind;

/// "charge" of "order/charge#1"; "" when the handler itself is meant.
std::string last_name(std::string_view operation) {
  const std::size_t slash = operation.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view last = operation.substr(slash + 1);
  return std::string(last.substr(0, last.rfind('#')));
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Makes lanes from marks, one after the other.
class LaneMaker {
 public:
  explicit LaneMaker(const RunRecord& record) {
    for (const LedgerEntry& entry : record.ledger) {
      if (!entry.in_teardown) entries_[entry.invocation].push_back(&entry);
    }
  }

  void add(const TimelineMark& mark) {
    if (mark.kind == Mark::kInvocation) {
      close_lane();
      lanes_.push_back({mark.invocation, mark.label, false, 0, 1, {}, {}, {}, {}});
      executions_[mark.invocation] = mark.label;
      return;
    }
    if (lanes_.empty() || lanes_.back().invocation != mark.invocation) {
      close_lane();
      const bool known = executions_.count(mark.invocation) != 0;
      lanes_.push_back(
          {mark.invocation, executions_[mark.invocation], known, 0, 1, {}, {}, {}, {}});
    }
    const std::size_t slot = lanes_.back().slots++;
    switch (mark.kind) {
      case Mark::kInvocation:
        break;
      case Mark::kCall:
        open(LaneBar::Kind::kFresh, LaneBar::End::kOpen, mark.label, slot);
        break;
      case Mark::kStarted:
        open(LaneBar::Kind::kOperation, LaneBar::End::kOpen, mark.label, slot);
        break;
      case Mark::kReplayed:
        open(LaneBar::Kind::kReplayed, LaneBar::End::kNone, mark.label, slot);
        break;
      case Mark::kPlain:
        open(LaneBar::Kind::kFunction, LaneBar::End::kNone, mark.label, slot);
        break;
      case Mark::kRecorded:
        end(LaneBar::End::kRecorded, mark.label, slot);
        break;
      case Mark::kFailed:
        end(LaneBar::End::kFailed, mark.label, slot);
        break;
      case Mark::kEffect:
        add_effect(mark, slot);
        break;
      case Mark::kCrash:
        for (LaneBar& bar : lanes_.back().bars) {
          if (bar.end != LaneBar::End::kOpen || bar.kind == LaneBar::Kind::kOperation) continue;
          bar.end = LaneBar::End::kCrashed;
          bar.last = slot - 1;
        }
        stop(LaneStop::Kind::kCrash, "crash", mark.label, slot);
        break;
      case Mark::kSuspended:
        stop(LaneStop::Kind::kSuspended, "suspend", "", slot);
        break;
      case Mark::kReturned:
        stop(LaneStop::Kind::kReturned, mark.label, "", slot);
        break;
      case Mark::kFault:
        lanes_.back().notes.push_back({LaneStop::Kind::kFault, slot, mark.label, ""});
        break;
      case Mark::kArrived:
        lanes_.back().notes.push_back({LaneStop::Kind::kArrived, slot, mark.label, ""});
        break;
      case Mark::kThrew:
        stop(LaneStop::Kind::kThrew, "throw", "", slot);
        break;
    }
  }

  std::vector<Lane> take() {
    close_lane();
    return std::move(lanes_);
  }

 private:
  void open(LaneBar::Kind kind, LaneBar::End end, const std::string& label, std::size_t slot) {
    lanes_.back().bars.push_back({kind, end, label, slot, slot, 0, {}});
  }

  void end(LaneBar::End how, const std::string& label, std::size_t slot) {
    std::vector<LaneBar>& bars = lanes_.back().bars;
    for (auto bar = bars.rbegin(); bar != bars.rend(); ++bar) {
      if (bar->end != LaneBar::End::kOpen || bar->label != label) continue;
      bar->end = how;
      bar->last = slot;
      return;
    }
    open(LaneBar::Kind::kOperation, how, label, slot);  // it was started by an earlier invocation
  }

  void add_effect(const TimelineMark& mark, std::size_t slot) {
    LaneEffect effect;
    effect.slot = slot;
    effect.label = mark.label;
    Lane& lane = lanes_.back();
    const LedgerEntry* const entry = next_entry(mark);
    if (entry == nullptr) {
      lane.effects.push_back(std::move(effect));
      return;
    }
    effect.call = entry->call() + (entry->key.empty() ? "" : ", key " + entry->key);
    effect.changed = entry->changed;
    LaneBar* const owner = owner_of(lane, last_name(entry->operation.view()));
    if (owner == nullptr) {
      lane.effects.push_back(std::move(effect));
      return;
    }
    owner->last = std::max(owner->last, slot);
    owner->effects.push_back(std::move(effect));
  }

  /// The ledger has the effects of an invocation in the order of their marks.
  const LedgerEntry* next_entry(const TimelineMark& mark) {
    const std::vector<const LedgerEntry*>& entries = entries_[mark.invocation];
    std::size_t& next = next_entry_[mark.invocation];
    if (next >= entries.size()) return nullptr;
    const LedgerEntry* const entry = entries[next];
    if (entry->target + "." + entry->action != mark.label) return nullptr;
    ++next;
    return entry;
  }

  static LaneBar* owner_of(Lane& lane, const std::string& name) {
    for (auto bar = lane.bars.rbegin(); bar != lane.bars.rend(); ++bar) {
      const bool is_function = bar->kind == LaneBar::Kind::kFunction;
      if (is_function ? ends_with(bar->label, name)
                      : bar->kind == LaneBar::Kind::kFresh && bar->label == name) {
        return name.empty() ? nullptr : &*bar;
      }
    }
    return nullptr;
  }

  void stop(LaneStop::Kind kind, std::string label, std::string detail, std::size_t slot) {
    lanes_.back().stops.push_back({kind, slot, std::move(label), std::move(detail)});
  }

  /// Bars that are open to the end of the lane, and rows in which no two bars overlap.
  void close_lane() {
    if (lanes_.empty()) return;
    Lane& lane = lanes_.back();
    const std::size_t end = lane.stops.empty() ? lane.slots : lane.stops.front().slot;
    std::vector<std::size_t> free_from;  // by row: the first slot that is free
    for (LaneBar& bar : lane.bars) {
      if (bar.end == LaneBar::End::kOpen) bar.last = std::max(bar.first + 1, end) - 1;
      std::size_t row = 0;
      while (row < free_from.size() && free_from[row] > bar.first) ++row;
      if (row == free_from.size()) free_from.push_back(0);
      free_from[row] = bar.last + 1;
      bar.row = row;
    }
    lane.rows = std::max<std::size_t>(free_from.size(), 1);
  }

  std::vector<Lane> lanes_;
  std::map<int, std::string> executions_;
  std::map<int, std::vector<const LedgerEntry*>> entries_;
  std::map<int, std::size_t> next_entry_;
};

}  // namespace

std::vector<Lane> lanes_of(const RunRecord& record) {
  LaneMaker maker(record);
  for (const TimelineMark& mark : record.timeline) maker.add(mark);
  return maker.take();
}

}  // namespace reprise::internal
