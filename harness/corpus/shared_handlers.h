#pragma once

#include <string>

#include "handler_support.h"

namespace reprise::corpus {

// Handlers that stand behind a recording of their own and are invoked in others.

/// Throws before any operation.
Task<void> handler_error(DurableContext ctx);

/// One step: "processed: " and the member `data` of the event.
Task<std::string> step_named(DurableContext ctx, Json event);

/// One wait of two seconds.
Task<std::string> wait_named(DurableContext ctx);

}  // namespace reprise::corpus
