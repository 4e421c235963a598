// Prints the records of some runs and explorations.  The output must be the same byte for byte from
// every compiler, optimisation level and process (check_determinism.sh).

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/explore/explorer.h"
#include "reprise/record/fixture.h"
#include "reprise/record/run_record_json.h"
#include "reprise/report/text_report.h"
#include "reprise/runtime/simulation.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

struct Bank {
  std::int64_t balance = 1000;
  std::vector<std::string> keys;

  std::int64_t debit(std::int64_t amount, const std::string& key) {
    return effect(
        {.target = "bank", .action = "debit", .arguments = std::to_string(amount), .key = key},
        [&](EffectOutcome& outcome) {
          for (const std::string& known : keys) {
            if (!key.empty() && known == key) {
              outcome.unchanged();
              return balance;
            }
          }
          keys.push_back(key);
          return balance -= amount;
        });
  }
  friend bool operator==(const Bank&, const Bank&) = default;
};

class Payments {
 public:
  Payments(Bank& bank, Host& host, bool keyed) : bank_(&bank), host_(&host), keyed_(keyed) {}

  Task<double> operator()(DurableContext ctx, int amount) const {
    ctx.logger().info("begin");
    co_await ctx.step("debit", [&] { return bank_->debit(amount, keyed_ ? "debit" : ""); });
    const std::string id =
        co_await ctx.step("mint", [&] { return std::to_string(host_->entropy()); });
    const StepOptions thrice = StepOptions().retry(retry::fixed(absl::Seconds(3), 3));
    const auto flaky = [](StepContext step) {
      if (step.attempt() < 3) throw std::runtime_error("attempt " + std::to_string(step.attempt()));
      return step.attempt() / 3.0;
    };
    const double third = co_await ctx.step("flaky", flaky, thrice);
    const auto inside = [&](DurableContext child) -> Task<std::string> {
      const std::string answer =
          co_await child.wait_for_callback("approve", [](const std::string&) {});
      co_return answer + id;
    };
    const std::string both = co_await ctx.run_in_child_context("approval", inside);
    const double doubled = co_await ctx.invoke<double>("twice", "twice", third);
    Outcome<int> failed = co_await ctx.try_invoke<int>("fails", "fails", both);
    co_await ctx.wait("year", absl::Hours(24 * 365));
    co_return doubled + (failed.ok() ? 1 : 0);
  }

 private:
  Bank* bank_;
  Host* host_;
  bool keyed_;
};

void dump(const std::string& title, const RunRecord& record) {
  std::printf("== %s\n%s\n", title.c_str(), run_record_to_json(record).dump(1).c_str());
}

void dump_program(bool keyed) {
  Bank bank;
  Host host;
  Program program;
  program.name = "payments";
  program.world.add(bank);
  program.world.add(host);
  Function durable;
  durable.config.name = "payments";
  durable.handler = make_handler(Payments(bank, host, keyed));
  Function twice;
  twice.config.name = "twice";
  twice.config.durable = false;
  twice.plain = [](const SharedText& payload) {
    return Serdes<double>::encode(2 * Serdes<double>::decode(payload));
  };
  Function fails;
  fails.config.name = "fails";
  fails.config.durable = false;
  fails.plain = [](const SharedText&) -> SharedText { throw ApplicationError("Refused", "no"); };
  program.functions = {durable, twice, fails};
  program.starts = {{"payments:$LATEST", "payments", SharedText("10"), {}}};
  CallbackResponder responder;
  responder.operation = "approve";
  responder.answer.payload = SharedText("yes");
  program.responders = {responder};

  Simulation simulation(program);
  dump("benign", simulation.run(Schedule()));
  ScheduleEvent crash;
  crash.place = {
      PointKind::kEffect, Moment::kAfter, "payments/debit#1", CheckpointAction::kOther, 1, 1, 0};
  dump("crash", simulation.run(Schedule{{crash, crash}}));
  simulation.reset_world();

  Explorer explorer(program, checks::judge(program));
  const Exploration exploration = explorer.explore();
  std::printf("== exploration\n%s, %lld resumes, %lld runs\n",
              exploration.certificate.text().c_str(),
              static_cast<long long>(exploration.certificate.resumes),
              static_cast<long long>(exploration.certificate.runs));
  for (ReportedFinding reported : exploration.findings) {
    reported.finding.where.clear();  // source lines belong to the build
    std::printf("%s", text_report(reported, exploration.certificate, {"payments", "", ""}).c_str());
    dump("finding", reported.record);
  }
}

}  // namespace
}  // namespace reprise

int main() {
  reprise::dump_program(true);
  reprise::dump_program(false);
  return 0;
}
