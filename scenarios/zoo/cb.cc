// CB: callbacks, events and timers.

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <source_location>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// A partner who answers whoever is registered when his answer is ready, and nobody else.
class Laboratory {
 public:
  void order(const std::string& sample,
             std::source_location location = std::source_location::current()) {
    reprise::effect({.target = "laboratory",
                     .action = "order",
                     .arguments = sample,
                     .key = sample,
                     .repeatable = true,
                     .location = location},
                    [&](reprise::EffectOutcome&) { ordered_ = true; });
  }
  void expect(const std::string& sample,
              std::source_location location = std::source_location::current()) {
    reprise::effect({.target = "laboratory",
                     .action = "expect",
                     .arguments = sample,
                     .key = sample,
                     .repeatable = true,
                     .location = location},
                    [&](reprise::EffectOutcome&) { expected_ = true; });
  }
  void answer() { answered_ = expected_; }
  bool ordered() const { return ordered_; }
  bool answered() const { return answered_; }

  bool operator==(const Laboratory&) const = default;

 private:
  bool ordered_ = false;
  bool expected_ = false;
  bool answered_ = false;
};

/// CB01: the partner hears of the request before the place for his answer exists.
template <Twin twin>
struct AskFirst {
  Laboratory laboratory;

  Scenario scenario() {
    auto analyse = [this](DurableContext ctx, std::string sample) -> Task<> {
      const auto order = [&] { laboratory.order(sample); };
      const auto expect = [&] { laboratory.expect(sample); };
      if constexpr (twin == Twin::kBuggy) {
        co_await ctx.step("order", order);
        co_await ctx.step("expect", expect);
      } else {
        co_await ctx.step("expect", expect);
        co_await ctx.step("order", order);
      }
      const auto look = [&](const bool&) { return laboratory.answered(); };
      const auto strategy = [](const bool& answered, int) {
        return answered ? reprise::WaitDecision::done()
                        : reprise::WaitDecision::check_again_after(absl::Hours(1));
      };
      const reprise::ConditionOptions<bool> options(strategy);
      co_await ctx.wait_for_condition("answer", false, look, options);
    };
    Scenario scenario("analyse", analyse, std::string("sample-1"));
    scenario.external_event(
        "the answer", [this] { return laboratory.ordered(); }, [this] { laboratory.answer(); });
    scenario.world(laboratory);
    return scenario;
  }
};

/// Runs jobs, each name once.
class JobService {
 public:
  void start(const std::string& name,
             std::source_location location = std::source_location::current()) {
    reprise::effect(
        {.target = "jobs", .action = "start", .arguments = name, .key = name, .location = location},
        [&](reprise::EffectOutcome& outcome) {
          if (!names_.insert(name).second) outcome.unchanged();
        });
  }

  bool operator==(const JobService&) const = default;

 private:
  std::set<std::string> names_;
};

/// CB02: a submitter that is repeated asks for a second job.
template <Twin twin>
struct SecondJob {
  JobService jobs;

  static std::int64_t unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }

  Scenario scenario() {
    auto scan = [this](DurableContext ctx, std::string) -> Task<std::string> {
      const auto submit = [&](const std::string& id) {
        jobs.start(twin == Twin::kBuggy ? absl::StrCat("scan-", unix_ms()) : "scan-" + id);
      };
      std::string result = co_await ctx.wait_for_callback("scan", submit);
      co_return result;
    };
    Scenario scenario("scan", scan, std::string("image-1"));
    scenario.answer_callback("scan", "clean", absl::Minutes(10));
    scenario.world(jobs);
    return scenario;
  }
};

/// CB04: the approval and its absence both act when the approval is late.
template <Twin twin>
struct LateApproval {
  Mailer mailer;

  Scenario scenario() {
    auto approve = [this](DurableContext ctx, std::string order) -> Task<> {
      const auto ship = [&] { mailer.send("depot", "Ship", order, "ship/" + order); };
      const auto refund = [&] { mailer.send("bank", "Refund", order, "refund/" + order); };
      CallbackOptions two_days;
      two_days.timeout(absl::Hours(48));
      const auto approved = [&](DurableContext child) -> Task<bool> {
        auto answer = co_await child.try_wait_for_callback(
            "approval", [](const std::string&) {}, two_days);
        if (twin == Twin::kBuggy && answer.ok()) co_await child.step("ship", ship);
        co_return answer.ok();
      };
      const auto expired = [&](DurableContext child) -> Task<bool> {
        co_await child.wait("one-day", absl::Hours(24));
        if (twin == Twin::kBuggy) co_await child.step("refund", refund);
        co_return false;
      };
      auto yes = ctx.run_in_child_context("approved", approved);
      auto no = ctx.run_in_child_context("expired", expired);
      const bool shipped = co_await ctx.race("decision", yes, no);
      if constexpr (twin == Twin::kFixed) {
        if (shipped) {
          co_await ctx.step("ship", ship);
        } else {
          co_await ctx.step("refund", refund);
        }
      }
      if (!shipped) co_await ctx.wait("objections", absl::Hours(72));
    };
    Scenario scenario("approve", approve, std::string("order-1"));
    scenario.answer_callback("approval", "yes", absl::Hours(1));
    scenario.at_end(
        "shipped or refunded, and not both",
        [this] { return mailer.sent_to("depot").size() + mailer.sent_to("bank").size() == 1; },
        "UNSTABLE_OUTCOME");
    scenario.world(mailer);
    return scenario;
  }
};

/// Who works on what.
class WorkerPool {
 public:
  void dispatch(const std::string& job, const std::string& worker,
                std::source_location location = std::source_location::current()) {
    change("dispatch", job, worker, location, [&] { return working_[job].insert(worker).second; });
  }
  void revoke(const std::string& job, const std::string& worker,
              std::source_location location = std::source_location::current()) {
    change("revoke", job, worker, location, [&] { return working_[job].erase(worker) > 0; });
  }
  std::size_t workers_of(const std::string& job) const {
    const auto found = working_.find(job);
    return found == working_.end() ? 0 : found->second.size();
  }

  bool operator==(const WorkerPool&) const = default;

 private:
  template <class F>
  void change(std::string_view action, const std::string& job, const std::string& worker,
              std::source_location location, const F& apply) {
    reprise::effect({.target = "workers",
                     .action = action,
                     .arguments = absl::StrCat(job, ", ", worker),
                     .key = absl::StrCat(job, "/", worker),
                     .location = location},
                    [&](reprise::EffectOutcome& outcome) {
                      if (!apply()) outcome.unchanged();
                    });
  }

  std::map<std::string, std::set<std::string>> working_;
};

/// CB06: whose heartbeat is late may still be working.
template <Twin twin>
struct SecondWorker {
  WorkerPool pool;

  Scenario scenario() {
    auto render = [this](DurableContext ctx, std::string film) -> Task<std::string> {
      CallbackOptions alive;
      alive.heartbeat_timeout(absl::Minutes(5));
      const auto first = [&](const std::string&) { pool.dispatch(film, "worker-1"); };
      Outcome<std::string> picture = co_await ctx.try_wait_for_callback("render", first, alive);
      if (picture.ok()) co_return *picture;
      if constexpr (twin == Twin::kFixed) {
        co_await ctx.step("revoke", [&] { pool.revoke(film, "worker-1"); });
      }
      const auto second = [&](const std::string&) { pool.dispatch(film, "worker-2"); };
      std::string other = co_await ctx.wait_for_callback("render-again", second);
      co_return other;
    };
    Scenario scenario("render", render, std::string("film-1"));
    scenario.answer_callback("render", "picture", absl::Minutes(1));
    scenario.answer_callback("render-again", "picture", absl::Minutes(1));
    scenario.always(
        "one worker at a time", [this] { return pool.workers_of("film-1") <= 1; },
        "DUPLICATE_EFFECT");
    scenario.world(pool);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> cb_entries() {
  static const ZooEntry entries[] = {
      pair<AskFirst>(
          {"CB01", "signal-before-registration", Verdict::kStuck, Mechanism::kArrivals, "none"}),
      pair<SecondJob>({"CB02", "submitter-repeats-the-request", Verdict::kDuplicateEffect,
                       Mechanism::kCrashes, "none"}),
      pair<LateApproval>({"CB04", "timeout-races-completion", Verdict::kUnstableOutcome,
                          Mechanism::kArrivals, "none"}),
      pair<SecondWorker>({"CB06", "heartbeat-lapse-double-dispatch", Verdict::kDuplicateEffect,
                          Mechanism::kArrivals, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
