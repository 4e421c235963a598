// The way of a transaction into the fraud detection of scenario 3: a queue, an event source mapping
// that polls it, and a plain function that starts one durable execution for each transaction.
//
// A durable function that waits for a day cannot be invoked by the mapping itself, which invokes
// synchronously and for 15 minutes at most.  The function between them has to be idempotent, since
// the queue delivers at least once: it names each execution after its transaction.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/durable_client.h"
#include "reprise/fakes/event_source_mapping.h"
#include "reprise/fakes/queue.h"

namespace scenarios::fraud_detection {

struct Transaction;

inline constexpr const char* kFunction = "fraud-detection";

/// "tx-3": what the execution for a transaction is called.
std::string execution_name(const Transaction& tx);

/// The plain function between queue and durable function.
class Intermediary {
 public:
  explicit Intermediary(reprise::fakes::DurableClient& lambda) : lambda_(lambda) {}
  Intermediary(const Intermediary&) = delete;
  virtual ~Intermediary() = default;

  /// Takes a batch of messages, and answers with those that have failed.
  nlohmann::json handle(const nlohmann::json& event);

 protected:
  /// The name under which it starts an execution; "": none.
  virtual std::string name_for(const Transaction& tx) const;

 private:
  void start(const nlohmann::json& record);

  reprise::fakes::DurableClient& lambda_;
};

/// Queue and mapping, which a scenario registers with the intermediary as their function.
class Intake {
 public:
  /// How often a message is received before it goes to the dead letters.
  static constexpr int kReceives = 3;

  Intake();
  Intake(const Intake&) = delete;

  reprise::fakes::Queue& queue() { return queue_; }
  /// `intermediary` must outlive the scenario, and so must this object.
  void connect(reprise::Scenario& scenario, Intermediary& intermediary);

 private:
  reprise::fakes::Queue queue_;
  reprise::fakes::EventSourceMapping mapping_;
};

}  // namespace scenarios::fraud_detection
