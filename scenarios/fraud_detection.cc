#include "scenarios/fraud_detection.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "reprise/world/effect.h"

namespace scenarios::fraud_detection {

using reprise::ApplicationError;
using reprise::BatchOptions;
using reprise::CallbackOptions;
using reprise::CompletionConfig;
using reprise::DurableContext;
using reprise::Outcome;
using reprise::Scenario;
using reprise::StepOptions;
using reprise::StepSemantics;
using reprise::Task;
using reprise::fakes::ClientAnswer;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentAnswer;
using reprise::fakes::PaymentStatus;
using reprise::fakes::RiskAnswer;

namespace {

constexpr int kScoreOfErrors = 5;
constexpr int kScoreLow = 3;
constexpr int kScoreHigh = 5;
constexpr const char* kCustomer = "ann";
constexpr const char* kMailOperation = "SendVerificationEmail";
constexpr const char* kTextOperation = "SendVerificationSMS";

std::int64_t cents(const Transaction& tx) { return std::llround(tx.amount * 100); }

std::string subject(std::int64_t transaction) { return absl::StrCat("tx-", transaction); }

std::int64_t virtual_now_ms() { return reprise::EffectSink::current()->now_ms(); }

Decision decision_for(const Transaction& tx, std::string status) {
  Decision decision;
  decision.id = tx.id;
  decision.score = tx.score;
  decision.status = std::move(status);
  return decision;
}

Decision decision_for(const Transaction& tx, const PaymentAnswer& payment) {
  Decision decision = decision_for(tx, payment.ok() ? "authorized" : "declined");
  decision.paymentId = payment.payment_id;
  return decision;
}

}  // namespace

// --- world --------------------------------------------------------------------------------------

void FraudDepartment::report(std::int64_t transaction, const std::string& reason,
                             std::source_location location) {
  const std::string id = subject(transaction);
  reprise::effect({.target = "department",
                   .action = "report",
                   .arguments = absl::StrCat(id, ", ", reason),
                   .key = id,
                   .object = id,
                   .location = location},
                  [&](reprise::EffectOutcome& outcome) {
                    if (!cases_.try_emplace(transaction, reason).second) outcome.unchanged();
                  });
}

std::string FraudDepartment::reason(std::int64_t transaction) const {
  const auto found = cases_.find(transaction);
  return found == cases_.end() ? "" : found->second;
}

std::size_t Bank::authorisations(std::int64_t transaction) const {
  const std::string order = subject(transaction);
  return payments.payments_of(order).size() + legacy.payments_of(order).size();
}

bool Bank::decided(std::int64_t transaction) const {
  return authorisations(transaction) > 0 || department.has(transaction);
}

// --- the handler --------------------------------------------------------------------------------

Task<Decision> Detector::run(DurableContext ctx, Transaction tx) {
  int score = co_await ctx.step("fraudCheck", [&] { return check(tx); });
  tx.score = score;
  if (tx.score < kScoreLow) co_return co_await authorize(ctx, tx);
  if (tx.score < kScoreHigh) co_return co_await verify(ctx, tx);
  std::string name = step_name("sendToFraudDepartment", tx);
  co_await ctx.step(name, [&] { bank_.department.report(tx.id, "high risk"); });
  co_return decision_for(tx, "sent to fraud department");
}

int Detector::check(const Transaction& tx) {
  if (tx.score != 0) return tx.score;
  try {
    const RiskAnswer answer = bank_.risk.score_of(subject(tx.id));
    return answer.ok() ? answer.score : kScoreOfErrors;
  } catch (const std::exception&) {
    return kScoreOfErrors;
  }
}

Task<Decision> Detector::authorize(DurableContext ctx, Transaction tx) {
  if (tx.vendor == kVendorWithoutKeys) co_return co_await charge_legacy(ctx, tx);
  std::string name = step_name("authorize", tx);
  PaymentAnswer payment =
      co_await ctx.step(name, [&] { return pay(tx, absl::StrCat("tx-", tx.id)); });
  co_return decision_for(tx, payment);
}

Task<Decision> Detector::charge_legacy(DurableContext ctx, Transaction tx) {
  auto charge = [&] { return bank_.legacy.authorise(subject(tx.id), tx.vendor, cents(tx)); };
  Outcome<PaymentAnswer> payment =
      co_await ctx.try_step("charge-legacy-system", charge, legacy_options());
  if (payment.ok()) co_return decision_for(tx, *payment);
  // Whether money was taken is unknown, and asking again might take it twice.
  std::string name = step_name("sendToFraudDepartment", tx);
  co_await ctx.step(name, [&] { bank_.department.report(tx.id, "charge unknown"); });
  co_return decision_for(tx, "charge unknown");
}

Task<Decision> Detector::verify(DurableContext ctx, Transaction tx) {
  std::string suspend = step_name("suspend", tx);
  co_await ctx.step(suspend, [&] {
    bank_.suspensions.put(subject(tx.id), {{"amountCents", cents(tx)}, {"vendor", tx.vendor}});
  });
  std::string answer = co_await ask_customer(ctx, tx);
  if (answer.empty()) {
    std::string escalate = step_name("timeout-escalate", tx);
    co_await ctx.step(escalate, [&] { bank_.department.report(tx.id, "not verified"); });
    co_return decision_for(tx, "escalated");
  }
  std::string finalize = step_name("finalize", tx);
  PaymentAnswer payment =
      co_await ctx.step(finalize, [&] { return pay(tx, absl::StrCat("finalize-", tx.id)); });
  Decision decision = decision_for(tx, payment);
  decision.answer = answer;
  co_return decision;
}

Task<std::string> Detector::ask_customer(DurableContext ctx, Transaction tx) {
  Verification verification = co_await human_verification(ctx, tx);
  co_return verified(verification);
}

Task<Detector::Verification> Detector::human_verification(DurableContext ctx, Transaction tx) {
  reprise::Branches<std::string> branches;
  branches.add(
      [&](DurableContext branch) { return send(branch, &bank_.email, kMailOperation, tx); });
  branches.add([&](DurableContext branch) { return send(branch, &bank_.sms, kTextOperation, tx); });
  BatchOptions options = verification_options();
  co_return co_await ctx.parallel("human-verification", branches, options);
}

Task<std::string> Detector::send(DurableContext ctx, Mailer* mailer, std::string operation,
                                 Transaction tx) {
  auto notify = [&](const std::string& callback_id) {
    // The message is the same on every attempt, and so is its id.
    mailer->send(kCustomer, absl::StrCat("Is transaction ", tx.id, " yours?"), callback_id,
                 callback_id);
  };
  CallbackOptions options = callback_options();
  co_return co_await ctx.wait_for_callback(operation, notify, options);
}

std::string Detector::step_name(const char* what, const Transaction& tx) {
  return absl::StrCat(what, "-", tx.id);
}

PaymentAnswer Detector::pay(const Transaction& tx, const std::string& key) {
  PaymentAnswer payment = bank_.payments.authorise(subject(tx.id), tx.vendor, cents(tx), key);
  if (payment.status == PaymentStatus::kBusy) throw ApplicationError("Busy", payment.message);
  return payment;
}

StepOptions Detector::legacy_options() const {
  return StepOptions().semantics(StepSemantics::kAtMostOncePerRetry).retry(reprise::retry::none());
}

CallbackOptions Detector::callback_options() const {
  return CallbackOptions().timeout(absl::Hours(24));
}

BatchOptions Detector::verification_options() const {
  return BatchOptions().max_concurrency(2).completion(CompletionConfig().min_successful(1));
}

std::string Detector::verified(const Verification& verification) const {
  return verification.success_count() > 0 ? verification.results().front() : "";
}

// --- situations ---------------------------------------------------------------------------------

namespace {

std::string_view name_of(Situation situation) {
  switch (situation) {
    case Situation::kLowRisk:
      return "low-risk";
    case Situation::kUnscored:
      return "unscored";
    case Situation::kUnscorable:
      return "unscorable";
    case Situation::kHighRisk:
      return "high-risk";
    case Situation::kLegacyVendor:
      return "legacy-vendor";
    case Situation::kMailAnswered:
      return "mail-answered";
    case Situation::kBothAnswered:
      return "both-answered";
    case Situation::kMailBounces:
      return "mail-bounces";
    case Situation::kNobodyAnswers:
      return "nobody-answers";
    case Situation::kTwoNames:
      return "two-names";
    case Situation::kTwoTransactions:
      return "two-transactions";
    case Situation::kQueued:
      return "queued";
    case Situation::kPoison:
      return "poison";
  }
  return {};
}

Transaction a_transaction(std::int64_t id, int score) {
  Transaction tx;
  tx.id = id;
  tx.amount = 6500;
  tx.location = "Los Angeles, CA";
  tx.vendor = "Amazon.com";
  tx.score = score;
  return tx;
}

std::vector<Transaction> transactions_of(Situation situation) {
  switch (situation) {
    case Situation::kLowRisk:
    case Situation::kTwoNames:
    case Situation::kQueued:
    case Situation::kPoison:
      return {a_transaction(3, 2)};
    case Situation::kUnscored:
    case Situation::kUnscorable:
      return {a_transaction(3, 0)};
    case Situation::kHighRisk:
      return {a_transaction(3, 7)};
    case Situation::kLegacyVendor: {
      Transaction tx = a_transaction(3, 2);
      tx.vendor = kVendorWithoutKeys;
      return {tx};
    }
    case Situation::kMailAnswered:
    case Situation::kBothAnswered:
    case Situation::kMailBounces:
    case Situation::kNobodyAnswers:
      return {a_transaction(3, 4)};
    case Situation::kTwoTransactions:
      return {a_transaction(3, 2), a_transaction(4, 7)};
  }
  return {};
}

bool is_queued(Situation situation) {
  return situation == Situation::kQueued || situation == Situation::kPoison;
}

}  // namespace

std::string scenario_name(Situation situation, Flaw flaw) {
  std::string name = absl::StrCat("fraud-detection.", std::string(name_of(situation)));
  if (flaw != Flaw::kNone) absl::StrAppend(&name, ".", flaw_name(flaw));
  return name;
}

FraudDetection::FraudDetection(Situation situation, Flaw flaw)
    : situation_(situation),
      flaw_(flaw),
      detector_(make_detector(flaw, bank_)),
      intermediary_(make_intermediary(flaw, bank_)),
      transactions_(transactions_of(situation)) {
  bank_.legacy.ignore_keys();
  if (situation == Situation::kUnscored) bank_.risk.set_score("tx-3", 1);
  if (situation == Situation::kUnscorable) bank_.risk.fail_for("tx-3");
  if (situation == Situation::kPoison) {
    intake_.queue().send("no transaction");
    send_messages();
  }
}

Scenario FraudDetection::scenario() {
  Scenario scenario(scenario_name(situation_, flaw_));
  reprise::FunctionConfig config;
  config.function_timeout_seconds = kFunctionTimeoutSeconds;
  config.execution_timeout_seconds = kExecutionTimeoutSeconds;
  if (flaw_ == Flaw::kShortExecution) *config.execution_timeout_seconds /= 2;
  scenario.durable_function(
      kFunction,
      [this](DurableContext ctx, Transaction tx) { return detector_->run(ctx, std::move(tx)); },
      config);
  scenario.world(bank_);
  if (is_queued(situation_)) {
    intake_.connect(scenario, *intermediary_);
    add_messages(scenario);
  } else {
    for (const Transaction& tx : transactions_) {
      scenario.start(execution_name(tx), kFunction, tx);
      if (situation_ == Situation::kTwoNames) scenario.start("second-click", kFunction, tx);
    }
  }
  add_customer(scenario);
  add_invariants(scenario);
  return scenario;
}

void FraudDetection::send_messages() {
  for (const Transaction& tx : transactions_) intake_.queue().send(nlohmann::json(tx).dump());
}

void FraudDetection::add_messages(Scenario& scenario) {
  scenario.external_event(
      "transaction", [] { return true; }, [this] { send_messages(); });
}

void FraudDetection::add_customer(Scenario& scenario) {
  if (situation_ == Situation::kBothAnswered) {
    scenario.answer_callback(kMailOperation, "yes, by mail", absl::Hours(1));
    scenario.answer_callback(kTextOperation, "yes, by text", absl::Hours(2));
  }
  if (situation_ == Situation::kMailAnswered) {
    scenario.external_event(
        "answer to the mail", [this] { return !bank_.email.outbox().empty(); },
        [this] { answer("email", bank_.email); });
  }
  if (situation_ == Situation::kMailBounces) {
    scenario.external_event(
        "the mail bounces", [this] { return !bank_.email.outbox().empty(); },
        [this] {
          reprise::ErrorObject error;
          error.type = "Bounced";
          error.message = "there is no such mailbox";
          bank_.lambda.fail_callback(bank_.email.outbox().front().body, error);
          bank_.customer.bounced = true;
        });
    scenario.external_event(
        "answer to the text message",
        [this] { return bank_.customer.bounced && !bank_.sms.outbox().empty(); },
        [this] { answer("sms", bank_.sms); });
  }
}

void FraudDetection::answer(const std::string& channel, const Mailer& mailer) {
  const ClientAnswer reply =
      bank_.lambda.succeed_callback(mailer.outbox().front().body, "yes, by " + channel);
  if (!reply.ok()) return;
  bank_.customer.accepted = channel;
  bank_.customer.accepted_ms = virtual_now_ms();
}

bool FraudDetection::is_dead(const Transaction& tx) {
  const std::string body = nlohmann::json(tx).dump();
  const auto& letters = intake_.queue().dead_letters();
  return std::any_of(letters.begin(), letters.end(),
                     [&](const auto& letter) { return letter.body == body; });
}

void FraudDetection::add_invariants(Scenario& scenario) {
  const auto all = [this](auto holds) {
    return [this, holds] { return std::all_of(transactions_.begin(), transactions_.end(), holds); };
  };
  scenario.always("one authorisation per transaction",
                  all([this](const Transaction& tx) { return bank_.authorisations(tx.id) <= 1; }));
  // When it does not hold, an execution has ended and its transaction hangs.
  scenario.at_end(
      "every transaction is decided",
      all([this](const Transaction& tx) { return bank_.decided(tx.id) || is_dead(tx); }), "STUCK");
  if (situation_ == Situation::kMailAnswered || situation_ == Situation::kMailBounces) {
    scenario.at_end("who is verified is authorised", all([this](const Transaction& tx) {
                      return bank_.customer.accepted.empty() || !bank_.department.has(tx.id);
                    }));
    // Crashes delay it too, by five minutes at the most.
    scenario.always("an answer is acted upon within the hour", all([this](const Transaction& tx) {
                      const bool open = !bank_.customer.accepted.empty() && !bank_.decided(tx.id);
                      return !open || virtual_now_ms() - bank_.customer.accepted_ms < 3'600'000;
                    }));
  }
  const bool may_be_asked = situation_ == Situation::kMailAnswered ||
                            situation_ == Situation::kMailBounces ||
                            situation_ == Situation::kNobodyAnswers;
  if (!may_be_asked) return;
  scenario.always("nobody is authorised who is not verified", all([this](const Transaction& tx) {
                    return bank_.authorisations(tx.id) == 0 || !bank_.customer.accepted.empty();
                  }));
}

}  // namespace scenarios::fraud_detection
