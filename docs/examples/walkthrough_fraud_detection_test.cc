// From the published sample of fraud detection to a sound handler.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "page_test_support.h"
#include "reprise/fakes/durable_client.h"
#include "reprise/fakes/event_source_mapping.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/queue.h"
#include "reprise/fakes/table.h"
#include "reprise/testing/testing.h"

namespace {

using nlohmann::json;
using reprise::BatchResult;
using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::DurableClient;
using reprise::fakes::EventSourceMapping;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentService;
using reprise::fakes::Queue;
using reprise::fakes::Table;

// [world]
struct Transaction {
  std::int64_t id = 0;
  std::int64_t cents = 0;
  int score = 0;

  std::string name() const { return "tx-" + std::to_string(id); }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Transaction, id, cents, score)

struct Bank {
  PaymentService payments;
  Table cases{"cases"};   // of the fraud department
  Mailer email{"email"};  // the body of a message is the id of its callback
  Mailer sms{"sms"};      // likewise
  DurableClient lambda;   // with which the customer's answers come
  bool bounced = false;   // the mail
  bool verified = false;  // the service has accepted the customer's answer

  void authorize(const Transaction& tx, const std::string& key) {
    payments.authorise(tx.name(), "4242-4242", tx.cents, key);
  }
  void send_to_fraud(const Transaction& tx) { cases.put(tx.name(), {{"cents", tx.cents}}); }

  bool operator==(const Bank&) const = default;
};
// [/world]

// [published]
struct Published {
  explicit Published(Bank& the_bank) : bank(the_bank) {}
  virtual ~Published() = default;

  Task<std::string> run(DurableContext ctx, Transaction tx) {
    std::string id = std::to_string(tx.id);
    int score = co_await ctx.step("fraudCheck", [&] { return tx.score; });
    if (score < 3) {
      co_await ctx.step("authorize-" + id, [&] { bank.authorize(tx, "tx-" + id); });
      co_return std::string("authorized");
    }
    if (score >= 5) {
      co_await ctx.step("sendToFraudDepartment-" + id, [&] { bank.send_to_fraud(tx); });
      co_return std::string("sent to the fraud department");
    }
    co_return co_await verify(ctx, tx);
  }

  virtual Task<std::string> verify(DurableContext ctx, Transaction tx) {
    std::string id = std::to_string(tx.id);
    BatchResult<std::string> answers;
    std::string problem;
    try {
      answers = co_await human_verification(ctx);
    } catch (const reprise::DurableError& error) {
      problem = error.what();
    }
    if (!problem.empty()) {
      co_await ctx.step("timeout-escalate-" + id, [&] { bank.send_to_fraud(tx); });
      co_return std::string("escalated");
    }
    co_return co_await ctx.step("finalize-" + id, [&] {
      if (!is_verified(answers)) {
        bank.send_to_fraud(tx);
        return std::string("sent to the fraud department");
      }
      bank.authorize(tx, "finalize-" + id);
      return std::string("authorized");
    });
  }

  virtual bool is_verified(const BatchResult<std::string>& answers) const {
    return !answers.has_failure() && answers.success_count() > 0;
  }

  Task<BatchResult<std::string>> human_verification(DurableContext ctx) {
    reprise::Branches<std::string> channels;
    channels.add([&](DurableContext c) { return ask(c, "SendVerificationEmail", &bank.email); });
    channels.add([&](DurableContext c) { return ask(c, "SendVerificationSMS", &bank.sms); });
    reprise::BatchOptions options;
    options.max_concurrency(2).completion(reprise::CompletionConfig().min_successful(1));
    co_return co_await ctx.parallel("human-verification", channels, options);
  }

  Task<std::string> ask(DurableContext ctx, std::string operation, Mailer* mailer) {
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24));
    auto submit = [&](const std::string& callback_id) { notify(mailer, callback_id); };
    co_return co_await ctx.wait_for_callback(operation, submit, one_day);
  }

  virtual void notify(Mailer* mailer, const std::string& callback_id) {
    mailer->send("ann", "Is this payment yours?", callback_id);
  }

  Bank& bank;
};
// [/published]

Transaction a_transaction(int score) {
  Transaction tx;
  tx.id = 3;
  tx.cents = 650'000;
  tx.score = score;
  return tx;
}

// [scenario]
Scenario a_scenario(const char* name, Published& handler, int score) {
  Scenario scenario(name);
  reprise::FunctionConfig config;
  config.execution_timeout_seconds = 90'000;  // 25 hours
  auto run = [&](DurableContext ctx, Transaction tx) { return handler.run(ctx, tx); };
  scenario.durable_function("fraud-detection", run, config)
      .start("tx-3", "fraud-detection", a_transaction(score))
      .world(handler.bank);
  return scenario;
}
// [/scenario]

// [sound_branches]
TEST(Published, DecidesLowAndHighRisksSafely) {
  for (const int score : {2, 7}) {
    Bank bank;
    Published handler(bank);
    Scenario scenario = a_scenario("published", handler, score);
    EXPECT_DURABLE(scenario);
  }
}
// [/sound_branches]

// [mails]
FAILING_TEST(Published, AsksTheCustomer) {
  Bank bank;
  Published handler(bank);
  Scenario scenario = a_scenario("ask", handler, 4);
  EXPECT_DURABLE(scenario);
}
// [/mails]

// [first_mend]
struct WithMessageIds : Published {
  using Published::Published;
  void notify(Mailer* mailer, const std::string& callback_id) override {
    mailer->send("ann", "Is this payment yours?", callback_id, callback_id);
  }
};
// [/first_mend]

// [customer]
void add_customer(Scenario& scenario, Bank& bank) {
  const auto bounces = [&] {
    reprise::ErrorObject error;
    error.type = "Bounced";
    bank.lambda.fail_callback(bank.email.outbox().front().body, error);
    bank.bounced = true;
  };
  const auto answers = [&] {
    const std::string callback_id = bank.sms.outbox().front().body;
    if (bank.lambda.succeed_callback(callback_id, "yes").ok()) bank.verified = true;
  };
  scenario.external_event(
      "the mail bounces", [&] { return !bank.email.outbox().empty(); }, bounces);
  scenario.external_event(
      "the customer answers", [&] { return bank.bounced && !bank.sms.outbox().empty(); }, answers);
  scenario.at_end("who is verified is authorised",
                  [&] { return !bank.verified || !bank.payments.payments().empty(); });
}
// [/customer]

// [bounce]
FAILING_TEST(WithMessageIds, TakesTheOtherChannel) {
  Bank bank;
  WithMessageIds handler(bank);
  Scenario scenario = a_scenario("bounce", handler, 4);
  add_customer(scenario, bank);
  EXPECT_DURABLE(scenario);
}
// [/bounce]

// [second_mend]
struct WithOneAnswer : WithMessageIds {
  using WithMessageIds::WithMessageIds;
  bool is_verified(const BatchResult<std::string>& answers) const override {
    return answers.success_count() > 0;
  }
};
// [/second_mend]

TEST(WithOneAnswer, TakesTheOtherChannel) {
  Bank bank;
  WithOneAnswer handler(bank);
  Scenario scenario = a_scenario("bounce", handler, 4);
  add_customer(scenario, bank);
  EXPECT_DURABLE(scenario);
}

// [timeouts]
TEST(WithOneAnswer, NeverReachesItsEscalation) {
  Bank bank;
  WithOneAnswer handler(bank);
  Scenario scenario = a_scenario("timeouts", handler, 4);
  const reprise::RunRecord record = reprise::run(scenario);
  EXPECT_EQ(record.outcomes.front().result, "\"sent to the fraud department\"");
  // It is "finalize-3" that sends it there.
  for (const reprise::Event& event : record.histories.at("tx-3")) {
    EXPECT_NE(event.name, "timeout-escalate-3");
  }
}
// [/timeouts]

// [third_mend]
struct Mended : WithOneAnswer {
  using WithOneAnswer::WithOneAnswer;
  Task<std::string> verify(DurableContext ctx, Transaction tx) override {
    std::string id = std::to_string(tx.id);
    BatchResult<std::string> answers = co_await human_verification(ctx);
    if (!is_verified(answers)) {
      co_await ctx.step("timeout-escalate-" + id, [&] { bank.send_to_fraud(tx); });
      co_return std::string("escalated");
    }
    co_return co_await ctx.step("finalize-" + id, [&] {
      bank.authorize(tx, "finalize-" + id);
      return std::string("authorized");
    });
  }
};
// [/third_mend]

TEST(Mended, Escalates) {
  Bank bank;
  Mended handler(bank);
  Scenario scenario = a_scenario("timeouts", handler, 4);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"escalated\"");
}

// [intermediary]
struct Intermediary {
  Bank& bank;

  void operator()(const json& event) {
    for (const json& record : event.at("Records")) start(record);
  }
  void start(const json& record) {
    const Transaction tx = json::parse(record.at("body").get<std::string>()).get<Transaction>();
    const auto started = bank.lambda.start("fraud-detection:$LATEST", tx.name(), tx);
    if (!started.ok()) throw std::runtime_error(started.message);
  }
};
// [/intermediary]

// [queue]
reprise::fakes::QueueOptions queue_options() {
  reprise::fakes::QueueOptions options;
  options.visibility_timeout = absl::Minutes(12);
  options.max_receives = 3;
  return options;
}

template <class Function>
Scenario a_queue(const char* name, Published& handler, Function function, Queue& queue,
                 EventSourceMapping& mapping) {
  queue.send("no transaction");
  queue.send(json(a_transaction(2)).dump());
  Scenario scenario(name);
  auto run = [&](DurableContext ctx, Transaction tx) { return handler.run(ctx, tx); };
  scenario.durable_function("fraud-detection", run)
      .function("intermediary", function)
      .event_source(mapping)
      .world(handler.bank, queue, mapping);
  scenario.sometimes("the transaction is authorised",
                     [&] { return !handler.bank.payments.payments().empty(); });
  return scenario;
}
// [/queue]

// [poison]
FAILING_TEST(Intake, SurvivesAPoisonMessage) {
  Bank bank;
  Mended handler(bank);
  Queue queue("transactions", queue_options());
  EventSourceMapping mapping("intake", queue, {.function = "intermediary"});
  Scenario scenario = a_queue("poison", handler, Intermediary{bank}, queue, mapping);
  EXPECT_DURABLE(scenario);
}
// [/poison]

// [fourth_mend]
struct ReportingIntermediary : Intermediary {
  json operator()(const json& event) {
    json failures = json::array();
    for (const json& record : event.at("Records")) {
      try {
        start(record);
      } catch (const std::exception&) {
        failures.push_back({{"itemIdentifier", record.at("messageId")}});
      }
    }
    return {{"batchItemFailures", failures}};
  }
};
// [/fourth_mend]

// [mended_intake]
TEST(Intake, HoldsNobodyUp) {
  Bank bank;
  Mended handler(bank);
  Queue queue("transactions", queue_options());
  EventSourceMapping mapping("intake", queue,
                             {.function = "intermediary", .report_batch_item_failures = true});
  Scenario scenario = a_queue("intake", handler, ReportingIntermediary{{bank}}, queue, mapping);
  scenario.external_event(
      "the message comes again", [] { return true; },
      [&] { queue.send(json(a_transaction(2)).dump()); });
  scenario.always("one authorisation", [&] { return bank.payments.payments().size() <= 1; });
  EXPECT_DURABLE(scenario);
}
// [/mended_intake]

// [certificate]
TEST(Mended, IsDurable) {
  Bank bank;
  Mended handler(bank);
  Scenario scenario = a_scenario("mended", handler, 4);
  scenario.answer_callback("SendVerificationEmail", "yes", absl::Hours(1));
  scenario.answer_callback("SendVerificationSMS", "yes", absl::Hours(2));
  scenario.always("one authorisation", [&] { return bank.payments.payments().size() <= 1; });
  EXPECT_DURABLE(scenario);
  // [/certificate]
  pages::expect_documented(__FILE__, reprise::explore(scenario).certificate.text() + "\n");
}

TEST(Mended, GoesOnWithExecutionsUnderWay) {
  // [upgrade]
  Bank old_bank;
  Bank new_bank;
  WithMessageIds published(old_bank);
  Mended mended(new_bank);
  Scenario before = a_scenario("timeouts", published, 4);
  Scenario after = a_scenario("timeouts", mended, 4);
  const reprise::UpgradeReport report = reprise::check_upgrade(before, after).forward;
  EXPECT_FALSE(report.ok());
  std::string text = reprise::describe(report);
  // [/upgrade]
  pages::expect_documented(__FILE__, text);
}

}  // namespace
