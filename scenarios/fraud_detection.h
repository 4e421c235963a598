// This scenario shows fraud detection for payments, with the six practices that the service's
// authors recommend: a transaction is scored, and authorised, handed to the fraud department, or
// suspended until the customer has answered a mail or a text message.
//
// What is worth copying, practice by practice:
//   1  what takes money bears an idempotency key that follows from the transaction; a legacy
//      service that knows no keys is called at most once, and a person looks when that was cut off;
//   2  executions are named after their transaction (fraud_detection_intake.h);
//   3  the queue is read by a plain function, which starts them asynchronously (likewise);
//   4  the execution timeout leaves room for what follows the timeout of the callbacks;
//   5  both messages go out side by side, and the first answer wins;
//   6  every callback has a timeout, and what then happens is asked of the result: `parallel` does
//      not throw when its branches have failed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/durable_client.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/risk_service.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/context.h"
#include "reprise/world/host.h"
#include "scenarios/fraud_detection_intake.h"

namespace scenarios::fraud_detection {

// --- data ---------------------------------------------------------------------------------------

struct Transaction {
  std::int64_t id = 0;
  double amount = 0;
  std::string location;
  std::string vendor;
  int score = 0;  ///< 0: not scored yet
};

/// What became of it.
struct Decision {
  std::int64_t id = 0;
  /// "authorized", "declined", "sent to fraud department", "escalated", "charge unknown"
  std::string status;
  int score = 0;
  std::string paymentId;
  std::string answer;  ///< of the customer
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Transaction, id, amount, location, vendor, score)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Decision, id, status, score, paymentId, answer)

// --- world --------------------------------------------------------------------------------------

/// Takes cases, one for a transaction: a case that is reported again is the same case.
class FraudDepartment {
 public:
  void report(std::int64_t transaction, const std::string& reason,
              std::source_location location = std::source_location::current());
  bool has(std::int64_t transaction) const { return cases_.contains(transaction); }
  /// Why; "" when there is no such case.
  std::string reason(std::int64_t transaction) const;

  bool operator==(const FraudDepartment&) const = default;

 private:
  std::map<std::int64_t, std::string> cases_;
};

/// The customer's side: which answer the service accepted, and when.
struct Customer {
  std::string accepted;  ///< "email"; "": none
  std::int64_t accepted_ms = 0;
  bool bounced = false;  ///< the mail came back

  bool operator==(const Customer&) const = default;
};

/// Everything outside the handler, but for the queue.
struct Bank {
  reprise::Host host;
  reprise::fakes::RiskService risk{"risk"};
  reprise::fakes::PaymentService payments{"payments"};
  reprise::fakes::PaymentService legacy{"legacy"};  ///< without idempotency keys
  reprise::fakes::Table suspensions{"suspensions"};
  reprise::fakes::Mailer email{"email"};
  reprise::fakes::Mailer sms{"sms"};
  FraudDepartment department;
  Customer customer;
  reprise::fakes::DurableClient lambda{"lambda"};

  /// How often money was held for a transaction, by either service.
  std::size_t authorisations(std::int64_t transaction) const;
  bool decided(std::int64_t transaction) const;

  bool operator==(const Bank&) const = default;
};

// --- the handler --------------------------------------------------------------------------------

inline constexpr const char* kVendorWithoutKeys = "Corner Shop";
inline constexpr std::int64_t kFunctionTimeoutSeconds = 120;
inline constexpr std::int64_t kExecutionTimeoutSeconds = 90'000;  // 25 hours

class Detector {
 public:
  explicit Detector(Bank& bank) : bank_(bank) {}
  Detector(const Detector&) = delete;
  virtual ~Detector() = default;

  reprise::Task<Decision> run(reprise::DurableContext ctx, Transaction tx);

 protected:
  using Verification = reprise::BatchResult<std::string>;

  // Each is one part of the handler, and what a flawed twin does in another way.

  /// "authorize-3".
  virtual std::string step_name(const char* what, const Transaction& tx);
  /// Holds the amount, in a step body.
  virtual reprise::fakes::PaymentAnswer pay(const Transaction& tx, const std::string& key);
  virtual reprise::StepOptions legacy_options() const;
  virtual reprise::CallbackOptions callback_options() const;
  virtual reprise::BatchOptions verification_options() const;
  /// Asks the customer; what he said, "" when he is not verified.
  virtual reprise::Task<std::string> ask_customer(reprise::DurableContext ctx, Transaction tx);
  /// The same of the result of `human-verification`.
  virtual std::string verified(const Verification& verification) const;

  reprise::Task<Verification> human_verification(reprise::DurableContext ctx, Transaction tx);

  Bank& bank_;

 private:
  int check(const Transaction& tx);
  reprise::Task<Decision> authorize(reprise::DurableContext ctx, Transaction tx);
  reprise::Task<Decision> charge_legacy(reprise::DurableContext ctx, Transaction tx);
  reprise::Task<Decision> verify(reprise::DurableContext ctx, Transaction tx);
  reprise::Task<std::string> send(reprise::DurableContext ctx, reprise::fakes::Mailer* mailer,
                                  std::string operation, Transaction tx);
};

// --- the scenarios ------------------------------------------------------------------------------

enum class Situation : std::uint8_t {
  kLowRisk,       ///< scored 2: authorised
  kUnscored,      ///< not scored; the risk service says 1
  kUnscorable,    ///< not scored, and the risk service cannot say: counts as 5
  kHighRisk,      ///< scored 7: the fraud department
  kLegacyVendor,  ///< scored 2, and paid through the service without keys
  kMailAnswered,  ///< scored 4; the customer answers the mail, and never the text message
  kBothAnswered,  ///< the mail after an hour, the text message after two
  kMailBounces,   ///< the mail comes back; then the customer answers the text message
  kNobodyAnswers,
  kTwoNames,         ///< one transaction, started by two callers under names of their own
  kTwoTransactions,  ///< one authorised, one for the fraud department, at the same time
  kQueued,           ///< one of low risk, through the queue
  kPoison,           ///< the same, in one batch with a message that is none, and once again
};

/// The mistakes: each was published, in the text or in the sample itself.
enum class Flaw : std::uint8_t {
  kNone,
  kNoKey,             ///< no idempotency key
  kRandomKey,         ///< a key made from a random number inside the retried step
  kBothAwaited,       ///< minSuccessful left out
  kFailureOutvotes,   ///< `!hasFailure && successCount > 0`
  kNoTimeout,         ///< callbacks without timeout
  kShortExecution,    ///< the execution timeout below that of the callbacks
  kExceptionAwaited,  ///< waits for an exception that `parallel` never throws
  kNamesCounted,      ///< names of steps from a counter in memory
  kStartedUnnamed,    ///< the intermediary starts executions without a name
  kLegacyRetried,     ///< at most once, with the default retry strategy
};

/// Handler, intake and world of one situation.
///
///     FraudDetection detection(Situation::kLowRisk);
///     Scenario scenario = detection.scenario();   // must not outlive `detection`
///     EXPECT_DURABLE(scenario);
class FraudDetection {
 public:
  explicit FraudDetection(Situation situation, Flaw flaw = Flaw::kNone);
  FraudDetection(const FraudDetection&) = delete;

  reprise::Scenario scenario();
  Bank& bank() { return bank_; }
  Intake& intake() { return intake_; }
  const std::vector<Transaction>& transactions() const { return transactions_; }

 private:
  void add_customer(reprise::Scenario& scenario);
  void add_messages(reprise::Scenario& scenario);
  void send_messages();
  void add_invariants(reprise::Scenario& scenario);
  void answer(const std::string& channel, const reprise::fakes::Mailer& mailer);
  bool is_dead(const Transaction& tx);

  Situation situation_;
  Flaw flaw_;
  Bank bank_;
  Intake intake_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<Intermediary> intermediary_;
  std::vector<Transaction> transactions_;
};

/// The handler, the intermediary, or the flawed version that `flaw` makes of it.
std::unique_ptr<Detector> make_detector(Flaw flaw, Bank& bank);
std::unique_ptr<Intermediary> make_intermediary(Flaw flaw, Bank& bank);
/// "no-key"; "" for none.
std::string flaw_name(Flaw flaw);

/// Name of the scenario: "fraud-detection.low-risk", "fraud-detection.low-risk.no-key".
std::string scenario_name(Situation situation, Flaw flaw = Flaw::kNone);

/// A flawed twin with the situation that shows its mistake, as a type of its own.
template <Situation situation, Flaw flaw>
class Twin : public FraudDetection {
 public:
  Twin() : FraudDetection(situation, flaw) {}
  static std::string name() { return scenario_name(situation, flaw); }
};
using NoKey = Twin<Situation::kLowRisk, Flaw::kNoKey>;
using RandomKey = Twin<Situation::kLowRisk, Flaw::kRandomKey>;
using BothAwaited = Twin<Situation::kMailAnswered, Flaw::kBothAwaited>;
using FailureOutvotes = Twin<Situation::kMailBounces, Flaw::kFailureOutvotes>;
using NoTimeout = Twin<Situation::kNobodyAnswers, Flaw::kNoTimeout>;
using ShortExecution = Twin<Situation::kNobodyAnswers, Flaw::kShortExecution>;
using ExceptionAwaited = Twin<Situation::kNobodyAnswers, Flaw::kExceptionAwaited>;
using NamesCounted = Twin<Situation::kMailAnswered, Flaw::kNamesCounted>;
using StartedUnnamed = Twin<Situation::kQueued, Flaw::kStartedUnnamed>;
using LegacyRetried = Twin<Situation::kLegacyVendor, Flaw::kLegacyRetried>;

}  // namespace scenarios::fraud_detection
