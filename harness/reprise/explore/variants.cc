#include "reprise/explore/variants.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "reprise/explore/internal/events.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {

using internal::arrival_of;
using internal::event_at;
using internal::fault_at;
using internal::limit;
using internal::prefer;

namespace {

constexpr int kManyTimes = 5;  // in a row: longer than clients and quick retries last
constexpr std::size_t kSizesMax = 4;

/// An effect of a step body or a plain function, and not of the handler itself.
bool is_owned_effect(const Place& place) {
  return place.kind == PointKind::kEffect && place.invocation == 0;
}

/// Plain functions have no attempts.
bool in_plain_function(const Place& place) { return is_owned_effect(place) && place.attempt == 0; }

/// Where the paths part: "order/a#1/x#1" and "order/b#1" give "order/a#1" and "order/b#1".
std::pair<std::string, std::string> branches_of_pair(const std::string& a, const std::string& b) {
  std::size_t from = 0;
  while (true) {
    const std::size_t end_a = std::min(a.find('/', from), a.size());
    const std::size_t end_b = std::min(b.find('/', from), b.size());
    const std::string branch_a = a.substr(0, end_a);
    const std::string branch_b = b.substr(0, end_b);
    if (branch_a != branch_b || end_a == a.size() || end_b == b.size()) {
      return {branch_a, branch_b};
    }
    from = end_a + 1;
  }
}

std::string without_turn(const std::string& operation) {
  return operation.substr(0, operation.find(" turn "));
}

}  // namespace

std::vector<Variant> fault_variants(const BenignRun& benign) {
  std::vector<Variant> variants;
  const auto add = [&](ScheduleEvent event, bool opens_states) {
    variants.push_back({Mechanism::kFaults, Schedule{{std::move(event)}}, opens_states});
  };
  for (const Place& place : benign.places) {
    if (place.kind == PointKind::kCheckpoint && place.moment == Moment::kBefore) {
      for (const Fault fault :
           {Fault::kThrottled, Fault::kServerError, Fault::kStaleToken, Fault::kSentAgain}) {
        add(fault_at(place, fault), false);
      }
      add(fault_at(place, Fault::kThrottled, kManyTimes), false);
      add(fault_at(place, Fault::kServerError, kManyTimes), false);
    } else if (place.kind == PointKind::kCheckpoint && place.moment == Moment::kStored) {
      add(fault_at(place, Fault::kAnswerLost), false);
    } else if (is_owned_effect(place) && place.moment == Moment::kBefore) {
      if (place.attempt > 0) add(fault_at(place, Fault::kFails), true);
      add(fault_at(place, Fault::kFails, 0), true);
    } else if (is_owned_effect(place) && place.moment == Moment::kAfter && place.attempt > 0) {
      add(fault_at(place, Fault::kAnswerLost), true);
    } else if (place.kind == PointKind::kResponse) {
      // The state comes in pages, and reading them fails.
      if (place.invocation < 2) continue;
      const ScheduleEvent pages = limit(Quota::kStatePage, 1);
      Place page = place;
      page.kind = PointKind::kState;
      page.effect = 1;
      for (const Fault fault : {Fault::kThrottled, Fault::kServerError}) {
        variants.push_back({Mechanism::kFaults, Schedule{{pages, fault_at(page, fault)}}, false});
      }
    }
  }
  return variants;
}

BranchGroups branches_of(const BenignRun& benign) {
  BranchGroups groups;  // in the order in which they turn up
  std::map<std::string, std::size_t> group_of;
  std::set<std::string> known;
  for (const std::vector<std::string>& ready : benign.ready) {
    for (std::size_t i = 0; i + 1 < ready.size(); ++i) {
      const auto [a, b] = branches_of_pair(without_turn(ready[i]), without_turn(ready[i + 1]));
      if (a == b) continue;
      const std::string parent = a.substr(0, a.rfind('/'));
      const auto [group, is_new] = group_of.try_emplace(parent, groups.size());
      if (is_new) groups.emplace_back();
      for (const std::string& branch : {a, b}) {
        if (known.insert(branch).second) groups[group->second].push_back(branch);
      }
    }
  }
  return groups;
}

std::vector<Variant> branch_variants(const BenignRun& benign) {
  std::vector<Variant> variants;
  for (const std::vector<std::string>& siblings : branches_of(benign)) {
    for (const std::string& branch : siblings) {
      if (REPRISE_FAULT(last_branch_never_first) && &branch == &siblings.back()) continue;
      variants.push_back({Mechanism::kBranches, Schedule{{prefer(branch)}}, true});
    }
    if (siblings.size() < 3) continue;  // the second of two first is the reverse order
    Schedule reverse;
    for (std::size_t i = siblings.size(); i-- > 0;) reverse.events.push_back(prefer(siblings[i]));
    variants.push_back({Mechanism::kBranches, reverse, true});
  }
  return variants;
}

std::vector<Variant> arrival_variants(const Program& program, const BenignRun& benign) {
  std::vector<Variant> variants;
  const auto add = [&](const std::string& subject, Arrival arrival, bool opens_states) {
    variants.push_back(
        {Mechanism::kArrivals, Schedule{{arrival_of(subject, arrival)}}, opens_states});
  };
  std::set<std::string> answered;
  for (const CallbackResponder& responder : program.responders) {
    const std::string& subject = responder.operation;
    if (benign.record.answered.count(subject) == 0 || !answered.insert(subject).second) continue;
    add(subject, Arrival::kAtOnce, true);
    add(subject, Arrival::kLate, true);
    add(subject, Arrival::kTwice, false);
    add(subject, Arrival::kContradicted, false);
    add(subject, Arrival::kContradictionFirst, true);
    if (!benign.record.answered.at(subject)) continue;  // without a deadline nobody may be late
    add(subject, Arrival::kBeforeDeadline, true);
    add(subject, Arrival::kAtDeadline, true);
    add(subject, Arrival::kAfterDeadline, true);
    add(subject, Arrival::kNever, true);
  }
  for (const ExternalEvent& event : program.external_events) {
    add(event.name, Arrival::kTwice, true);
    add(event.name, Arrival::kLate, true);
    for (const Place& place : benign.places) {
      ScheduleEvent here = arrival_of(event.name, Arrival::kHere);
      here.place = place;
      variants.push_back({Mechanism::kArrivals, Schedule{{here}}, false});
    }
  }
  for (const Function& function : program.functions) {
    if (function.config.durable) continue;
    // It runs within a call of its caller's, where a crash hits one of the two.
    add(function.config.name, Arrival::kAtOnce, false);
    add(function.config.name, Arrival::kLate, true);
  }
  return variants;
}

std::vector<Variant> overlap_variants(const Program& program, const BenignRun& benign) {
  std::vector<Variant> variants;
  for (const Place& place : benign.places) {
    if (place.moment == Moment::kStored || in_plain_function(place)) continue;
    variants.push_back(
        {Mechanism::kOverlap, Schedule{{event_at(ScheduleEvent::Kind::kFreeze, place)}}, false});
  }
  for (const Start& start : program.starts) {
    if (!start.unnamed) continue;
    for (const Place& place : benign.places) {
      ScheduleEvent again = event_at(ScheduleEvent::Kind::kOverlap, place);
      again.subject = start.name + kRepetition;
      variants.push_back({Mechanism::kOverlap, Schedule{{again}}, false});
    }
  }
  return variants;
}

std::vector<Variant> limit_variants(const BenignRun& benign) {
  std::vector<Variant> variants;
  const auto add = [&](Quota quota, std::int64_t value, bool opens_states) {
    variants.push_back({Mechanism::kLimits, Schedule{{limit(quota, value)}}, opens_states});
  };
  std::set<std::int64_t> sizes;
  std::set<std::int64_t> results;
  for (const auto& [name, events] : benign.record.histories) {
    for (const Event& event : events) {
      if (!event.details.result || !event.details.result->payload) continue;
      const auto size = static_cast<std::int64_t>(event.details.result->payload->size());
      if (event.type == EventType::kContextSucceeded && size > 0) sizes.insert(size);
      if (event.type == EventType::kExecutionSucceeded && size > 0) results.insert(size);
    }
  }
  if (!sizes.empty()) add(Quota::kInlineContext, 0, true);
  std::size_t tried = 0;
  for (auto size = sizes.rbegin(); size != sizes.rend() && tried < kSizesMax; ++size, ++tried) {
    add(Quota::kInlineContext, *size - 1, false);
  }
  for (const std::int64_t size : results) add(Quota::kResponse, size - 1, true);
  add(Quota::kStatePage, 1, true);
  return variants;
}

std::vector<Schedule> legal_environments(const Schedule& schedule) {
  std::vector<Schedule> legal(1);
  const auto extend = [&](const std::vector<std::vector<ScheduleEvent>>& choices) {
    std::vector<Schedule> extended;
    for (const Schedule& each : legal) {
      for (const std::vector<ScheduleEvent>& more : choices) {
        Schedule next = each;
        next.events.insert(next.events.end(), more.begin(), more.end());
        extended.push_back(std::move(next));
      }
    }
    legal = std::move(extended);
  };
  for (const ScheduleEvent& event : schedule.events) {
    if (event.kind == ScheduleEvent::Kind::kPrefer) {
      extend({{event}});
    } else if (event.kind == ScheduleEvent::Kind::kFault &&
               event.place.kind == PointKind::kEffect) {
      ScheduleEvent fails = event;  // whose answer is lost has either happened or not
      fails.fault = Fault::kFails;
      fails.place.moment = Moment::kBefore;
      if (event.fault == Fault::kFails) {
        extend({{event}});
      } else {
        extend({{}, {fails}});
      }
    } else if (event.kind == ScheduleEvent::Kind::kArrival) {
      switch (event.arrival) {
        case Arrival::kTwice:
        case Arrival::kContradicted:
          break;
        case Arrival::kAtDeadline:
        case Arrival::kAfterDeadline:
          extend({{},
                  {arrival_of(event.subject, Arrival::kNever)},
                  {arrival_of(event.subject, Arrival::kBeforeDeadline)}});
          break;
        default:
          extend({{event}});
      }
    }
  }
  std::erase_if(legal, [](const Schedule& each) { return each.empty(); });
  return legal;
}

std::vector<Schedule> other_arrivals(const Program& program, const BranchGroups& groups,
                                     const Schedule& schedule) {
  std::set<std::string> subjects;
  for (const CallbackResponder& responder : program.responders)
    subjects.insert(responder.operation);
  for (const ExternalEvent& event : program.external_events) subjects.insert(event.name);
  for (const Function& function : program.functions) {
    if (!function.config.durable) subjects.insert(function.config.name);
  }
  Schedule own;
  for (const ScheduleEvent& event : schedule.events) {
    if (event.kind != ScheduleEvent::Kind::kArrival) continue;
    subjects.erase(event.subject);
    own.events.push_back(event);
  }
  std::vector<Schedule> runs;
  for (const std::vector<std::string>& group : groups) {
    for (const std::string& branch : group) {
      runs.push_back(own);
      runs.back().events.push_back(prefer(branch));
    }
  }
  for (const Arrival arrival : {Arrival::kAtOnce, Arrival::kLate}) {
    Schedule all;
    for (const std::string& subject : subjects) {
      all.events.push_back(arrival_of(subject, arrival));
      runs.push_back(Schedule{{all.events.back()}});
    }
    if (subjects.size() > 1) runs.push_back(std::move(all));
  }
  if (!subjects.empty()) {
    runs.push_back(Schedule{{arrival_of(kEveryStep, Arrival::kLate)}});
  }
  return runs;
}

std::vector<VariantFamily> all_variants(const Program& program, const BenignRun& benign) {
  std::vector<VariantFamily> families;
  const auto add = [&](Mechanism mechanism, const char* what, std::vector<Variant> variants) {
    if (program.without.contains(mechanism) || variants.empty()) return;
    families.push_back({what, std::move(variants)});
  };
  add(Mechanism::kBranches, "orders of branches", branch_variants(benign));
  add(Mechanism::kArrivals, "arrivals", arrival_variants(program, benign));
  add(Mechanism::kFaults, "faults", fault_variants(benign));
  add(Mechanism::kOverlap, "overlaps", overlap_variants(program, benign));
  add(Mechanism::kLimits, "limits", limit_variants(benign));
  return families;
}

}  // namespace reprise
