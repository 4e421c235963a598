#pragma once

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <memory>

#include "property_tests/service_model.h"
#include "property_tests/service_under_test.h"

namespace reprise::properties {

using ServiceCommand = rc::state::Command<ServiceModel, ServiceUnderTest>;

/// A command that makes sense in this state, or at least could be sent.
rc::Gen<std::shared_ptr<const ServiceCommand>> service_command(const ServiceModel& model);

}  // namespace reprise::properties
