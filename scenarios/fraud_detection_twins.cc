// The flawed twins of scenario 3: the same handler with one published mistake each.

#include <absl/strings/str_cat.h>

#include <utility>

#include "scenarios/fraud_detection.h"

namespace scenarios::fraud_detection {

using reprise::BatchOptions;
using reprise::CallbackOptions;
using reprise::DurableContext;
using reprise::StepOptions;
using reprise::StepSemantics;
using reprise::Task;
using reprise::fakes::PaymentAnswer;

namespace {

/// Pays without a key: a crash between the payment and its record pays again.
class WithoutKey : public Detector {
 public:
  using Detector::Detector;
  PaymentAnswer pay(const Transaction& tx, const std::string&) override {
    return Detector::pay(tx, "");
  }
};

/// Makes the key inside the step: each attempt makes another one.
class WithRandomKey : public Detector {
 public:
  using Detector::Detector;
  PaymentAnswer pay(const Transaction& tx, const std::string& key) override {
    return Detector::pay(tx, absl::StrCat(key, "-", bank_.host.entropy()));
  }
};

/// Leaves minSuccessful out: the first answer decides nothing, the second is waited for.
class WithBothAwaited : public Detector {
 public:
  using Detector::Detector;
  BatchOptions verification_options() const override { return BatchOptions().max_concurrency(2); }
};

/// Asks whether no channel has failed, and not only whether one has succeeded.
class WithFailureOutvoting : public Detector {
 public:
  using Detector::Detector;
  std::string verified(const Verification& verification) const override {
    if (!verification.has_failure() && verification.success_count() > 0) {
      return verification.results().front();
    }
    return "";
  }
};

/// Waits for answers as long as the execution may last.
class WithoutTimeout : public Detector {
 public:
  using Detector::Detector;
  CallbackOptions callback_options() const override { return CallbackOptions(); }
};

/// Takes a `parallel` that returns for one that has succeeded.  It never throws what its branches
/// failed with, so nobody is ever escalated.
class WithExceptionAwaited : public Detector {
 public:
  using Detector::Detector;
  Task<std::string> ask_customer(DurableContext ctx, Transaction tx) override {
    std::string answer = "verified";
    try {
      Verification verification = co_await human_verification(ctx, tx);
      ctx.logger().info(absl::StrCat(verification.success_count(), " answers"));
    } catch (const reprise::DurableError& error) {
      ctx.logger().warning(error.what());
      answer.clear();
    }
    co_return answer;
  }
};

/// Counts its steps in memory: the process of a replay counts on, or begins anew.
class WithNamesCounted : public Detector {
 public:
  using Detector::Detector;
  std::string step_name(const char* what, const Transaction&) override {
    return absl::StrCat(what, "-", ++counter_);
  }

 private:
  int counter_ = 0;
};

/// Lets the service make up the names of executions.
class WithoutName : public Intermediary {
 public:
  using Intermediary::Intermediary;
  std::string name_for(const Transaction&) const override { return ""; }
};

/// At most once per attempt, and one attempt after another.
class WithLegacyRetried : public Detector {
 public:
  using Detector::Detector;
  StepOptions legacy_options() const override {
    return StepOptions().semantics(StepSemantics::kAtMostOncePerRetry);
  }
};

}  // namespace

std::unique_ptr<Detector> make_detector(Flaw flaw, Bank& bank) {
  switch (flaw) {
    case Flaw::kNoKey:
      return std::make_unique<WithoutKey>(bank);
    case Flaw::kRandomKey:
      return std::make_unique<WithRandomKey>(bank);
    case Flaw::kBothAwaited:
      return std::make_unique<WithBothAwaited>(bank);
    case Flaw::kFailureOutvotes:
      return std::make_unique<WithFailureOutvoting>(bank);
    case Flaw::kNoTimeout:
      return std::make_unique<WithoutTimeout>(bank);
    case Flaw::kExceptionAwaited:
      return std::make_unique<WithExceptionAwaited>(bank);
    case Flaw::kNamesCounted:
      return std::make_unique<WithNamesCounted>(bank);
    case Flaw::kLegacyRetried:
      return std::make_unique<WithLegacyRetried>(bank);
    case Flaw::kNone:
    case Flaw::kShortExecution:
    case Flaw::kStartedUnnamed:
      break;
  }
  return std::make_unique<Detector>(bank);
}

std::unique_ptr<Intermediary> make_intermediary(Flaw flaw, Bank& bank) {
  if (flaw == Flaw::kStartedUnnamed) return std::make_unique<WithoutName>(bank.lambda);
  return std::make_unique<Intermediary>(bank.lambda);
}

std::string flaw_name(Flaw flaw) {
  switch (flaw) {
    case Flaw::kNone:
      return "";
    case Flaw::kNoKey:
      return "no-key";
    case Flaw::kRandomKey:
      return "random-key";
    case Flaw::kBothAwaited:
      return "both-awaited";
    case Flaw::kFailureOutvotes:
      return "failure-outvotes";
    case Flaw::kNoTimeout:
      return "no-timeout";
    case Flaw::kShortExecution:
      return "short-execution";
    case Flaw::kExceptionAwaited:
      return "exception-awaited";
    case Flaw::kNamesCounted:
      return "names-counted";
    case Flaw::kStartedUnnamed:
      return "started-unnamed";
    case Flaw::kLegacyRetried:
      return "legacy-retried";
  }
  return "";
}

}  // namespace scenarios::fraud_detection
