// IS: executions that share an environment.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// IS01: the first tenant's session serves all who come after.
template <Twin twin>
struct CachedSession {
  Mailer mailer;

  static std::string session_of(const std::string& tenant) {
    if constexpr (twin == Twin::kBuggy) {
      static std::optional<std::string> session;
      if (!session) session = "session of " + tenant;
      return *session;
    } else {
      static std::map<std::string, std::string> sessions;
      return sessions.try_emplace(tenant, "session of " + tenant).first->second;
    }
  }

  Scenario scenario() {
    Scenario scenario("report");
    scenario.durable_function("report", [this](DurableContext ctx, std::string tenant) -> Task<> {
      const std::string session = session_of(tenant);
      co_await ctx.step("send", [&] { mailer.send("boss", "Report", session, "r/" + tenant); });
    });
    scenario.start("a", "report", std::string("acme")).start("b", "report", std::string("bolt"));
    scenario.canary("a", "acme").canary("b", "bolt");
    scenario.world(mailer);
    return scenario;
  }
};

/// IS03: two executions write the same temporary file.
template <Twin twin>
struct TemporaryFile {
  Table disk{"disk"};
  Mailer mailer;

  Scenario scenario() {
    Scenario scenario("invoice");
    scenario.durable_function("invoice", [this](DurableContext ctx, std::string order) -> Task<> {
      const std::string file =
          twin == Twin::kBuggy ? std::string("/tmp/invoice") : "/tmp/invoice-" + order;
      co_await ctx.step("render", [&] { disk.put(file, {{"text", "invoice of " + order}}); });
      co_await ctx.step("send", [&] {
        const std::string text = disk.get(file).at("text").template get<std::string>();
        mailer.send("ann@example.com", "Invoice", text, "send/" + order);
      });
    });
    scenario.start("a", "invoice", std::string("order-a"));
    scenario.start("b", "invoice", std::string("order-b"));
    scenario.canary("a", "order-a").canary("b", "order-b");
    scenario.world(disk, mailer);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> is_entries() {
  static const ZooEntry entries[] = {
      pair<CachedSession>(
          {"IS01", "tenant-data-in-static-cache", Verdict::kLeak, Mechanism::kCanaries, "none"}),
      pair<TemporaryFile>({"IS03", "leftover-resource-crosses-executions", Verdict::kLeak,
                           Mechanism::kCanaries, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
