#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/checks/call_sites.h"
#include "reprise/checks/checks.h"
#include "reprise/checks/suspects.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::checks {
namespace {

/// A logical effect: what one operation does to one fake.  Arguments and keys are left out, because
/// the second attempt may have minted others.
using LogicalEffect = std::pair<std::string, std::string>;

/// The operation whose effect it is; a start that was repeated because its caller got no answer
/// wants what the first one wants.
std::string logical_operation(const LedgerEntry& entry) {
  std::string operation = entry.operation.str();
  const std::string_view execution = std::string_view(operation).substr(0, operation.find('/'));
  if (!execution.ends_with(kRepetition)) return operation;
  const std::string_view repetition = kRepetition;
  return operation.substr(0, execution.size() - repetition.size()) +
         operation.substr(execution.size());
}

std::map<LogicalEffect, int> count(const Ledger& ledger) {
  std::map<LogicalEffect, int> counts;
  for (const LedgerEntry& entry : ledger) {
    if (entry.changed && !entry.in_teardown && !entry.repeatable) {
      const bool forgets = REPRISE_FAULT(effects_counted_without_operation);
      ++counts[{forgets ? "" : logical_operation(entry), entry.target + "." + entry.action}];
    }
  }
  return counts;
}

std::string times(int n) {
  if (n == 1) return "once";
  if (n == 2) return "twice";
  return std::to_string(n) + " times";
}

std::string does_it(int n) {
  return n == 0 ? "no run without faults does it" : "a run without faults does it " + times(n);
}

/// The entry to show for a logical effect: one whose call appears more often than in `reference`,
/// else the last.
const LedgerEntry* example(const Ledger& ledger, const Ledger& reference,
                           const LogicalEffect& effect) {
  std::map<std::string, int> surplus;
  const auto fits = [&](const LedgerEntry& entry) {
    return entry.changed && !entry.in_teardown && logical_operation(entry) == effect.first &&
           entry.target + "." + entry.action == effect.second;
  };
  for (const LedgerEntry& entry : reference) {
    if (fits(entry)) --surplus[entry.call()];
  }
  const LedgerEntry* last = nullptr;
  for (const LedgerEntry& entry : ledger) {
    if (!fits(entry)) continue;
    last = &entry;
    if (++surplus[entry.call()] > 0) return last;
  }
  return last;
}

void add_effect_site(Finding& finding, const LedgerEntry& entry) {
  const std::string at = short_location(entry.location);
  if (!at.empty()) finding.where.push_back("effect " + at);
}

/// How often exactly this call of this operation took effect.
int count_call(const Ledger& ledger, const LedgerEntry& call) {
  return static_cast<int>(
      std::count_if(ledger.begin(), ledger.end(), [&](const LedgerEntry& entry) {
        return entry.changed && !entry.in_teardown &&
               logical_operation(entry) == logical_operation(call) && entry.call() == call.call();
      }));
}

/// The idempotency keys under which this call, or with `any_arguments` this action, took effect.
std::string keys_of(const Ledger& ledger, const LedgerEntry& call, bool any_arguments) {
  std::set<std::string> keys;
  for (const LedgerEntry& entry : ledger) {
    const bool same = any_arguments ? entry.target == call.target && entry.action == call.action
                                    : entry.call() == call.call();
    if (entry.changed && logical_operation(entry) == logical_operation(call) && same)
      keys.insert(entry.key);
  }
  if (keys.size() == 1 && keys.begin()->empty()) return "no idempotency key";
  if (keys.size() == 1) return "idempotency key " + *keys.begin();
  return std::to_string(keys.size()) + " different idempotency keys";
}

/// More, less, or other effects than in any reference.
std::vector<Finding> compare_ledgers(const RunRecord& run,
                                     const std::vector<EndedRun>& references) {
  const std::map<LogicalEffect, int> mine = count(run.ledger);
  std::map<LogicalEffect, std::pair<int, int>> range;  // least and most
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::map<LogicalEffect, int> theirs = count(references[i].record.ledger);
    for (const auto& [effect, n] : theirs) {
      const auto [entry, is_new] = range.try_emplace(effect, i == 0 ? n : 0, n);
      entry->second = {std::min(entry->second.first, n), std::max(entry->second.second, n)};
    }
    for (auto& [effect, bounds] : range) {
      if (theirs.count(effect) == 0) bounds.first = 0;
    }
  }
  const Ledger& reference = references.front().record.ledger;
  std::vector<Finding> duplicates;
  std::vector<Finding> others;
  for (const auto& [effect, n] : mine) {
    const auto bounds = range.find(effect);
    const int most = bounds == range.end() ? 0 : bounds->second.second;
    if (n <= most) continue;
    const LedgerEntry* entry = example(run.ledger, reference, effect);
    Finding finding;
    finding.operation = effect.first;
    finding.subject = effect.second;
    const std::string outside = entry->owned ? "" : ", outside any step";
    // The same call again says more than one action more; arguments that changed leave only the
    // action.
    const int calls = count_call(run.ledger, *entry);
    const int calls_expected = count_call(reference, *entry);
    // What no reference does at all is a duplicate only as the same call again: a compensation may
    // well undo two things.
    const bool duplicate = most > 0 || calls > 1;
    finding.verdict = duplicate ? Verdict::kDuplicateEffect : Verdict::kOrphanEffect;
    const bool same_call = calls > calls_expected && calls > 1;
    const std::string name = same_call ? entry->call() : effect.second;
    finding.what = duplicate ? absl::StrCat(name, " happened ", times(same_call ? calls : n),
                                            " for ", effect.first, outside, " (",
                                            keys_of(run.ledger, *entry, !same_call), ")")
                             : absl::StrCat(entry->call(), " of ", effect.first,
                                            " happened, which no run without faults does");
    finding.allowed = does_it(same_call ? calls_expected : most);
    add_call_site(finding, run);
    add_effect_site(finding, *entry);
    (finding.verdict == Verdict::kDuplicateEffect ? duplicates : others)
        .push_back(std::move(finding));
  }
  for (const auto& [effect, bounds] : range) {
    const auto found = mine.find(effect);
    const int n = found == mine.end() ? 0 : found->second;
    if (n + int{REPRISE_FAULT(one_lost_effect_tolerated)} >= bounds.first) continue;
    const LedgerEntry* entry = example(reference, run.ledger, effect);
    Finding finding;
    finding.verdict = Verdict::kLostEffect;
    finding.operation = effect.first;
    finding.subject = effect.second;
    finding.what = entry->call() + " of " + effect.first + " " +
                   (n == 0 ? "did not happen" : "happened " + times(n)) +
                   " although the execution ended";
    finding.allowed = does_it(bounds.first);
    add_call_site(finding, run);
    add_effect_site(finding, *entry);
    others.push_back(std::move(finding));
  }
  return duplicates.empty() ? others : duplicates;
}

constexpr std::size_t kShown = 80;

/// A payload, or of a long one the part where it begins to differ from `other`.
std::string show(const SharedText& payload, const SharedText& other) {
  if (!payload) return "nothing";
  const std::string_view text = payload.view();
  if (text.size() <= kShown) return std::string(text);
  const std::string_view beside = other ? other.view() : std::string_view();
  const std::size_t common = static_cast<std::size_t>(
      std::mismatch(text.begin(), text.end(), beside.begin(), beside.end()).first - text.begin());
  const std::size_t lead = kShown / 2;
  std::size_t from = common > lead && common < text.size() ? common - lead : 0;
  from = std::min(from, text.size() - kShown);
  const std::string shown(text.substr(from, kShown));
  return (from > 0 ? "..." : "") + shown + (from + kShown < text.size() ? "..." : "");
}

std::string show(const ExecutionOutcome& outcome, const SharedText& other) {
  std::string text(to_string(outcome.status));
  if (outcome.error) {
    return text + " " + outcome.error->type.value_or("") + ": " +
           outcome.error->message.value_or("");
  }
  return text + " " + show(outcome.result, other);
}

/// "order/pack#1/a#2" as the timeline labels it: "pack/a".
std::string label_of(std::string_view path) {
  std::string label(path.substr(std::min(path.find('/'), path.size() - 1) + 1));
  for (std::size_t hash = label.find('#'); hash != std::string::npos; hash = label.find('#')) {
    label.erase(hash, label.find('/', hash) - hash);
  }
  return label;
}

// A result that differs although nothing else does was kept beside the log, where a body left it
// that does not run again in a replay.
void add_replayed_bodies(Finding& finding, const RunRecord& run) {
  constexpr std::size_t kBodiesShown = 3;
  std::set<std::string> ran;
  std::set<std::string> replayed;
  for (const TimelineMark& mark : run.timeline) {
    const bool last = mark.invocation == run.timeline.back().invocation;
    if (!last && mark.kind == TimelineMark::Kind::kCall) ran.insert(mark.label);
    if (last && mark.kind == TimelineMark::Kind::kReplayed && ran.count(mark.label) > 0) {
      replayed.insert(mark.label);
    }
  }
  std::size_t shown = 0;
  for (const auto& [path, location] : run.call_sites) {
    if (shown == kBodiesShown || replayed.count(label_of(path)) == 0) continue;
    finding.where.push_back(path + " called " + short_location(location) +
                            ", whose body a replay does not run");
    ++shown;
  }
}

Finding unstable(const World& world, const EndedRun& ended, const EndedRun& reference) {
  const RunRecord& run = ended.record;
  Finding finding;
  finding.verdict = Verdict::kUnstableOutcome;
  finding.operation = run.outcomes.empty() ? "" : run.outcomes.front().name;
  finding.subject = "world";
  finding.what = "the world that is left differs from that of every run without faults";
  const std::string parts = World::difference(world, ended.world, reference.world);
  if (!parts.empty()) finding.what += ", in " + parts;
  finding.allowed = "result and world equal those of some run without faults";
  const Outcomes& expected = reference.record.outcomes;
  for (std::size_t i = 0; i < run.outcomes.size(); ++i) {
    if (i < expected.size() && run.outcomes[i] == expected[i]) continue;
    finding.operation = run.outcomes[i].name;
    finding.subject = "result";
    const SharedText reference_result = i < expected.size() ? expected[i].result : SharedText();
    finding.what = run.outcomes[i].name + " ended " + show(run.outcomes[i], reference_result);
    finding.allowed = i < expected.size()
                          ? "without faults it ends " + show(expected[i], run.outcomes[i].result)
                          : "it is never started";
    break;
  }
  add_suspects(finding, run);
  if (finding.subject == "result" && finding.where.empty()) add_replayed_bodies(finding, run);
  return finding;
}

bool equals(const World& world, const EndedRun& a, const EndedRun& b) {
  if (REPRISE_FAULT(only_worlds_compared)) return World::equal(world, a.world, b.world);
  return a.record.outcomes == b.record.outcomes && World::equal(world, a.world, b.world);
}

/// Acting twice is wrong also for what was interrupted and may or may not have acted.  Only for
/// that: what else such a run does more often follows from what the handler was told about the
/// interruption.
std::vector<Finding> duplicates_of_interrupted(const RunRecord& run, const References& references) {
  std::vector<EndedRun> whole = references.crash_free;
  whole.insert(whole.end(), references.maybe_but_one.begin(), references.maybe_but_one.end());
  std::vector<Finding> findings = compare_ledgers(run, whole);
  if (REPRISE_FAULT(interrupted_effects_never_duplicates)) return {};
  const std::vector<std::string>& interrupted = run.maybe_operations;
  std::erase_if(findings, [&](const Finding& f) {
    return f.verdict != Verdict::kDuplicateEffect ||
           std::find(interrupted.begin(), interrupted.end(), f.operation) == interrupted.end();
  });
  return findings;
}

}  // namespace

std::vector<Finding> refinement(const World& world, const EndedRun& run,
                                const References& references) {
  const auto fits = [&](const EndedRun& reference) { return equals(world, run, reference); };
  const bool refines =
      std::any_of(references.crash_free.begin(), references.crash_free.end(), fits);
  if (!world.joinable()) {
    // What cannot be compared is judged by the ledger alone.
    std::vector<EndedRun> allowed = references.crash_free;
    allowed.insert(allowed.end(), references.maybe.begin(), references.maybe.end());
    std::vector<Finding> findings = compare_ledgers(run.record, allowed);
    std::erase_if(findings,
                  [](const Finding& f) { return f.verdict != Verdict::kDuplicateEffect; });
    if (findings.empty() && !references.maybe.empty()) {
      return duplicates_of_interrupted(run.record, references);
    }
    if (!findings.empty() || refines) return findings;
    return {unstable(world, run, references.crash_free.front())};
  }
  if (refines) return {};
  if (!references.maybe.empty()) {
    if (std::any_of(references.maybe.begin(), references.maybe.end(), fits)) {
      return duplicates_of_interrupted(run.record, references);
    }
    std::vector<EndedRun> allowed = references.crash_free;
    allowed.insert(allowed.end(), references.maybe.begin(), references.maybe.end());
    std::vector<Finding> findings = compare_ledgers(run.record, allowed);
    if (findings.empty()) findings.push_back(unstable(world, run, references.maybe.front()));
    return findings;
  }
  std::vector<Finding> findings = compare_ledgers(run.record, references.crash_free);
  if (findings.empty()) findings.push_back(unstable(world, run, references.crash_free.front()));
  return findings;
}

std::vector<Finding> unowned_effects(const RunRecord& record) {
  std::vector<Finding> findings;
  std::map<std::pair<std::string, std::string>, int> first;  // (operation, call) -> invocation
  for (const LedgerEntry& entry : record.ledger) {
    if (entry.in_teardown) {
      Finding finding;
      finding.verdict = Verdict::kOrphanEffect;
      finding.operation = entry.operation.str();
      finding.subject = entry.target + "." + entry.action;
      finding.what =
          entry.call() + " attempted while the handler's frames are destroyed by a suspension";
      finding.allowed = "destructors free memory and nothing else";
      add_effect_site(finding, entry);
      findings.push_back(std::move(finding));
      continue;
    }
    if (entry.owned || !entry.changed || entry.repeatable) continue;
    const std::pair<std::string, std::string> call{entry.operation.str(), entry.call()};
    const auto [earlier, is_new] = first.try_emplace(call, entry.invocation);
    if (is_new || earlier->second == entry.invocation) continue;
    if (REPRISE_FAULT(replayed_effect_seen_from_third_time) && entry.invocation < 3) continue;
    Finding finding;
    finding.verdict = Verdict::kDuplicateEffect;
    finding.operation = entry.operation.str();
    finding.subject = entry.target + "." + entry.action;
    finding.what = entry.call() + " happened again in a replay: " + entry.operation.str() +
                   " makes it outside any step";
    finding.allowed = "effects are made in steps, which a replay does not run again";
    add_effect_site(finding, entry);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace reprise::checks
