#include "lanes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace reprise::corpus {
namespace {

bool is_context_end(const Event& event) {
  return event.type == EventType::kContextSucceeded || event.type == EventType::kContextFailed;
}

struct Span {
  std::string id;
  std::size_t begin = 0;
  std::size_t end = 0;

  bool overlaps(const Span& other) const { return begin < other.end && other.begin < end; }
};

// The contexts of a history by the context around them, in the order in which they start.
std::map<std::string, std::vector<Span>> spans_by_parent(const History& history) {
  std::map<std::string, std::vector<Span>> spans;
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    const Event& event = history.events[i];
    std::vector<Span>& siblings = spans[event.parent_id.value_or("")];
    if (event.type == EventType::kContextStarted) {
      siblings.push_back({*event.id, i, history.events.size()});
    } else if (is_context_end(event)) {
      for (Span& span : siblings) {
        if (span.id == *event.id) span.end = i;
      }
    }
  }
  return spans;
}

}  // namespace

Lanes::Lanes(const History& recorded) {
  std::set<std::string> with_operations;
  for (const Event& event : recorded.events) {
    if (!event.id) continue;
    parents_[*event.id] = event.parent_id.value_or("");
    with_operations.insert(event.parent_id.value_or(""));
  }
  std::map<std::size_t, std::string> by_start;
  for (const auto& [parent, siblings] : spans_by_parent(recorded)) {
    std::vector<Span> concurrent;
    for (const Span& span : siblings) {
      const bool overlaps = std::any_of(siblings.begin(), siblings.end(), [&](const Span& other) {
        return other.id != span.id && other.overlaps(span);
      });
      if (overlaps) concurrent.push_back(span);
    }
    const bool hold_operations =
        std::any_of(concurrent.begin(), concurrent.end(),
                    [&](const Span& span) { return with_operations.count(span.id) > 0; });
    if (!hold_operations) continue;
    for (const Span& span : concurrent) by_start[span.begin] = span.id;
  }
  for (const auto& [start, id] : by_start) lanes_.push_back(id);
  suspended_ = concurrency(recorded).suspended;
}

std::string Lanes::parent_of(const std::string& id) const {
  const auto found = parents_.find(id);
  return found == parents_.end() ? "" : found->second;
}

// "": in none.
std::string Lanes::lane_of(const Event& event) const {
  for (const std::string& lane : lanes_) {
    if (event.id == lane) return lane;
  }
  for (std::string id = event.parent_id.value_or(""); !id.empty(); id = parent_of(id)) {
    if (std::find(lanes_.begin(), lanes_.end(), id) != lanes_.end()) return id;
  }
  return "";
}

bool Lanes::is_inside(const Event& event, const std::string& context) const {
  std::string id = event.id == context ? context : event.parent_id.value_or("");
  while (!id.empty() && id != context) id = parent_of(id);
  return !id.empty();
}

Lanes::Concurrency Lanes::concurrency(const History& history) const {
  Concurrency found;
  std::map<std::string, std::set<std::string>> open;
  for (const Event& event : history.events) {
    const std::string id = event.id.value_or("");
    const std::string parent = event.parent_id.value_or("");
    const bool is_lane = std::find(lanes_.begin(), lanes_.end(), id) != lanes_.end();
    if (is_lane && event.type == EventType::kContextStarted) {
      found.starts[parent].push_back(id);
      open[parent].insert(id);
      found.widths[parent] = std::max(found.widths[parent], open[parent].size());
    } else if (is_context_end(event)) {
      open.erase(id);
      if (is_lane) open[parent].erase(id);
    } else if (event.type == EventType::kInvocationCompleted) {
      for (const auto& [context, lanes] : open) {
        if (lanes.size() > 1) found.suspended.insert(context);
      }
    }
  }
  return found;
}

std::vector<bool> Lanes::uncounted_invocations(const History& history) const {
  std::vector<bool> uncounted;
  std::set<std::string> open;
  for (const Event& event : history.events) {
    const std::string id = event.id.value_or("");
    if (event.type == EventType::kContextStarted && suspended_.count(id) > 0) open.insert(id);
    if (is_context_end(event)) open.erase(id);
    uncounted.push_back(event.type == EventType::kInvocationCompleted && !open.empty());
  }
  return uncounted;
}

std::vector<std::vector<std::size_t>> Lanes::views(const History& history) const {
  std::vector<std::set<std::string>> visible = {{""}};
  for (const std::string& lane : lanes_) {
    std::set<std::string>& around = visible.emplace_back(std::set<std::string>{"", lane});
    for (std::string id = parent_of(lane); !id.empty(); id = parent_of(id)) around.insert(id);
  }
  const std::vector<bool> uncounted = uncounted_invocations(history);
  std::vector<std::vector<std::size_t>> views(visible.size());
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    if (uncounted[i]) continue;
    const std::string lane = lane_of(history.events[i]);
    for (std::size_t view = 0; view < views.size(); ++view) {
      if (visible[view].count(lane) > 0) views[view].push_back(i);
    }
  }
  return views;
}

std::set<std::size_t> Lanes::behind_decision(const History& recorded,
                                             const History& produced) const {
  std::set<std::size_t> behind;
  const auto spans = spans_by_parent(recorded);
  for (const Event& event : recorded.events) {
    if (event.type != EventType::kContextSucceeded || !event.details.result) continue;
    const auto items = spans.find(*event.id);
    if (items == spans.end()) continue;
    for (const std::size_t index : undecided_items(event.details.result->payload.value_or(""))) {
      if (index >= items->second.size()) continue;
      const std::string& item = items->second[index].id;
      auto known = std::count_if(produced.events.begin(), produced.events.end(),
                                 [&](const Event& each) { return is_inside(each, item); });
      for (std::size_t i = 0; i < recorded.events.size(); ++i) {
        if (is_inside(recorded.events[i], item) && known-- <= 0) behind.insert(i);
      }
    }
  }
  return behind;
}

std::vector<std::size_t> undecided_items(std::string_view payload) {
  std::vector<std::size_t> undecided;
  const nlohmann::json json = nlohmann::json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("completionReason")) return undecided;
  for (const nlohmann::json& item : json.value("all", nlohmann::json::array())) {
    if (item.value("status", "") == "STARTED") undecided.push_back(item.value("index", 0U));
  }
  return undecided;
}

std::set<std::size_t> undecided_items_that_ended(const History& recorded, const Event& event) {
  std::set<std::size_t> ended;
  if (event.type != EventType::kContextSucceeded || !event.details.result) return ended;
  const std::vector<Span> items = spans_by_parent(recorded)[*event.id];
  for (const std::size_t index : undecided_items(event.details.result->payload.value_or(""))) {
    if (index < items.size() && items[index].end < recorded.events.size()) ended.insert(index);
  }
  return ended;
}

}  // namespace reprise::corpus
