#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/serdes.h"

namespace reprise::internal {

/// Whose payload is decoded, and who is told about it.
struct PayloadSource {
  const Engine* engine = nullptr;
  std::string_view operation_id;  // empty: the event

  SerdesContext context() const { return {operation_id, engine ? engine->arn() : ""}; }
  InvocationObserver* observer() const { return engine ? engine->observer() : nullptr; }
  bool wants_reading() const { return observer() && engine->options().replay_only; }
  void refused(const SharedText& payload, const std::string& message) const {
    if (observer()) observer()->payload_refused(operation_id, payload, message);
  }
};

template <class R>
const CustomSerdes<R>& typed_serdes(const AnySerdes& custom) {
  const auto* typed = dynamic_cast<const CustomSerdes<R>*>(&custom);
  if (typed == nullptr) throw SerdesError("the operation's serdes is for another result type");
  return *typed;
}

template <class R>
SharedText encode_result(const R& value, const std::shared_ptr<const AnySerdes>& custom,
                         const SerdesContext& context) {
  try {
    return custom ? typed_serdes<R>(*custom).encode(value, context) : Serdes<R>::encode(value);
  } catch (const SerdesError&) {
    throw;
  } catch (const std::exception& error) {
    throw SerdesError(std::string("the result cannot be encoded: ") + error.what());
  }
}

/// Tells the observer how the value that a payload was decoded to is written by this build.
template <class R>
void tell_reading(const SharedText& payload, const R& value,
                  const std::shared_ptr<const AnySerdes>& custom, const PayloadSource& source) {
  if constexpr (HasSerdes<R>) {
    SharedText again;
    try {
      again = encode_result<R>(value, custom, source.context());
    } catch (const SerdesError&) {  // a type that is only read
      return;
    }
    source.observer()->payload_read(source.operation_id, payload, again);
  }
}

template <class R>
R decode_result(const SharedText& payload, const std::shared_ptr<const AnySerdes>& custom,
                const PayloadSource& source) {
  try {
    R value = custom ? typed_serdes<R>(*custom).decode(payload, source.context())
                     : Serdes<R>::decode(payload);
    if (source.wants_reading()) tell_reading<R>(payload, value, custom, source);
    return value;
  } catch (const SerdesError& error) {
    source.refused(payload, error.what());
    throw;
  } catch (const std::exception& error) {
    const std::string message =
        std::string("the recorded result cannot be decoded: ") + error.what();
    source.refused(payload, message);
    throw SerdesError(message);
  }
}

/// Decodes the stored form of an operation that holds several results.
template <class F>
auto decode_stored(const SharedText& payload, const PayloadSource& source, F decode) {
  try {
    return decode(payload);
  } catch (const std::exception& error) {
    source.refused(payload, error.what());
    throw;
  }
}

}  // namespace reprise::internal
