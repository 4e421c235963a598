// The handler of order_processing.h with one mistake each.
#pragma once

#include <memory>

#include "scenarios/order_processing.h"

namespace scenarios::order_processing {

std::unique_ptr<Processor> make_processor(Flaw flaw, Shop& shop);

}  // namespace scenarios::order_processing
