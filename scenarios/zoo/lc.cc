// LC: starts and progress.

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// LC01: the caller gets no answer and starts again, without a name that would tell the service.
template <Twin twin>
struct StartedTwice {
  PaymentService payments;

  Scenario scenario() {
    Scenario scenario("order");
    scenario.durable_function("order", [this](DurableContext ctx, std::string id) -> Task<> {
      // What executions are one request is known by the name they were started with.
      const std::string key = "pay/" + std::string(ctx.durable_execution_arn());
      co_await ctx.step("pay", [&] { payments.authorise(id, "4242-4242", 1200, key); });
    });
    if constexpr (twin == Twin::kBuggy) {
      scenario.start_without_name("order-1", "order", std::string("order-1"));
    } else {
      scenario.start("order-1", "order", std::string("order-1"));
    }
    scenario.world(payments);
    return scenario;
  }
};

/// LC04: a failure that does not pass is retried for ever.
template <Twin twin>
struct RetriedForEver {
  Mailer mailer;

  Scenario scenario() {
    auto report = [this](DurableContext ctx, std::string month) -> Task<> {
      StepOptions patient;
      if constexpr (twin == Twin::kBuggy) {
        patient.retry([](const reprise::ErrorObject&, int) {
          return reprise::RetryDecision::after(absl::Seconds(30));
        });
      } else {
        patient.retry([](const reprise::ErrorObject&, int attempts) {
          return attempts < 10 ? reprise::RetryDecision::after(absl::Seconds(30))
                               : reprise::RetryDecision::stop();
        });
      }
      const auto send = [&] { mailer.send("boss@example.com", "Report", month, "r/" + month); };
      co_await ctx.step("send", send, patient);
    };
    Scenario scenario("report", report, std::string("May"));
    scenario.world(mailer);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> lc_entries() {
  static const ZooEntry entries[] = {
      pair<StartedTwice>(
          {"LC01", "duplicate-start", Verdict::kDuplicateEffect, Mechanism::kOverlap, "none"}),
      pair<RetriedForEver>({"LC04", "no-progress", Verdict::kStuck, Mechanism::kProgress, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
