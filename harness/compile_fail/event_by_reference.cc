// EXPECT-ERROR: a handler takes its event by value
#include "reprise/sdk/handler.h"

reprise::Task<> by_reference(reprise::DurableContext, const std::string&) { co_return; }

const reprise::HandlerFunction handler = reprise::make_handler(&by_reference);
