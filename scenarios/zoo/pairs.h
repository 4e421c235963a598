#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/context.h"
#include "reprise/world/effect.h"
#include "scenarios/zoo/zoo.h"

// What the files of the families share: how a pair is written down.

namespace scenarios::zoo {

using reprise::BatchOptions;
using reprise::BatchResult;
using reprise::Branches;
using reprise::CallbackOptions;
using reprise::DurableContext;
using reprise::Mechanism;
using reprise::Outcome;
using reprise::Scenario;
using reprise::StepOptions;
using reprise::Task;
using reprise::Verdict;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentService;
using reprise::fakes::Table;
using reprise::fakes::Update;

/// The half of a pair that a definition is compiled as.
enum class Twin : std::uint8_t { kBuggy, kFixed };
/// The same for a handler that was deployed while executions were under way.
enum class Version : std::uint8_t { kBefore, kBuggy, kFixed };

/// `Definition` is default-constructible, holds world and handlers, and has `Scenario scenario()`.
template <class Definition>
class SpecimenOf final : public Specimen {
 public:
  Scenario& scenario() override { return scenario_; }

 private:
  Definition definition_;
  Scenario scenario_ = definition_.scenario();
};

template <class Definition>
std::unique_ptr<Specimen> make_specimen() {
  return std::make_unique<SpecimenOf<Definition>>();
}

template <template <Twin> class Pair>
ZooEntry pair(ZooEntry entry) {
  entry.buggy = make_specimen<Pair<Twin::kBuggy>>;
  entry.fixed = make_specimen<Pair<Twin::kFixed>>;
  return entry;
}

template <template <Version> class Versions>
ZooEntry versions(ZooEntry entry) {
  entry.before = make_specimen<Versions<Version::kBefore>>;
  entry.buggy = make_specimen<Versions<Version::kBuggy>>;
  entry.fixed = make_specimen<Versions<Version::kFixed>>;
  return entry;
}

}  // namespace scenarios::zoo
