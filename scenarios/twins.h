// Every flawed twin of every scenario, in one list: who replays their fixtures needs them all.
#pragma once

#include "scenarios/fraud_detection.h"
#include "scenarios/invoke_statistics.h"
#include "scenarios/order_chaining.h"
#include "scenarios/order_processing.h"
#include "scenarios/tenant_isolation.h"

namespace scenarios {

/// Calls `visit.template operator()<Twin>()` for each.  A twin has `static std::string name()` and
/// `Scenario scenario()`.
template <class Visit>
void for_each_twin(Visit visit) {
  visit.template operator()<order_chaining::TimestampOutsideStep>();
  visit.template operator()<order_chaining::StepInStep>();
  visit.template operator()<order_chaining::CheckThenSet>();
  visit.template operator()<order_chaining::WorkerCalledByHand>();
  visit.template operator()<order_chaining::RestoreUnconditional>();
  visit.template operator()<order_chaining::FirstItemKept>();

  visit.template operator()<order_processing::StatusOutsideStep>();
  visit.template operator()<order_processing::IdFromClock>();
  visit.template operator()<order_processing::RefundWithoutKey>();
  visit.template operator()<order_processing::MailWithTheWrite>();
  visit.template operator()<order_processing::ElapsedFromId>();
  visit.template operator()<order_processing::CatchEverything>();

  visit.template operator()<fraud_detection::NoKey>();
  visit.template operator()<fraud_detection::RandomKey>();
  visit.template operator()<fraud_detection::BothAwaited>();
  visit.template operator()<fraud_detection::FailureOutvotes>();
  visit.template operator()<fraud_detection::NoTimeout>();
  visit.template operator()<fraud_detection::ShortExecution>();
  visit.template operator()<fraud_detection::ExceptionAwaited>();
  visit.template operator()<fraud_detection::NamesCounted>();
  visit.template operator()<fraud_detection::StartedUnnamed>();
  visit.template operator()<fraud_detection::LegacyRetried>();

  visit.template operator()<tenant_isolation::IsolationOff>();
  visit.template operator()<tenant_isolation::CacheAssumed>();
  visit.template operator()<tenant_isolation::CallbackUnchecked>();
  visit.template operator()<tenant_isolation::EnvironmentInResult>();
  visit.template operator()<tenant_isolation::ForeignToken>();

  visit.template operator()<invoke_statistics::CalledInHandler>();
  visit.template operator()<invoke_statistics::CalledInStep>();
  visit.template operator()<invoke_statistics::UnorderedPayload>();
  visit.template operator()<invoke_statistics::EnvironmentOutsideStep>();
}

}  // namespace scenarios
