#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/place.h"
#include "reprise/choices/schedule.h"

namespace reprise {

/// What a run asks wherever two runs of the same code could differ.  Alternative 0 is the benign
/// one.
class Choices {
 public:
  enum class Alternative : std::uint8_t {
    kBenign,
    kCrash,
    kPowerOff,
    kOverlap,
    kFreeze,
    kArrival,
    kFault,
  };

  virtual ~Choices() = default;

  /// False: `at` need not be asked, nothing ever happens.
  virtual bool active() const { return true; }
  /// The alternative taken at a place that is being passed.
  virtual Alternative at(const PlaceRef& place) = 0;
  /// After kOverlap: the start that comes here.  After kArrival: what arrives.
  virtual std::string arriving() const { return {}; }
  /// After kFault: which one.
  virtual Fault fault() const { return Fault::kFails; }
  /// True when the start `name` does not come at the beginning but where an overlap says.
  virtual bool defers(std::string_view /*name*/) const { return false; }
  /// The start that comes first; "" for the order in which they were declared.
  virtual std::string first_start() const { return {}; }
  /// True when `input` differs between invocations, outside step bodies.
  virtual bool varies(HiddenInput /*input*/) const { return false; }
  /// How what `subject` waits for arrives; nullopt: on time.
  virtual std::optional<Arrival> arrival(std::string_view /*subject*/) { return std::nullopt; }
  /// A quota that is lower than usual.
  virtual std::optional<std::int64_t> limit(Quota /*quota*/) const { return std::nullopt; }
  /// True when choose() wants to be asked.
  virtual bool orders() const { return false; }
  /// Which of the operations that can go on goes first; they come in the benign order.
  virtual std::size_t choose(const std::vector<std::string>& /*ready*/) { return 0; }
  /// Which environment serves the invocation that begins at `place`; the benign one comes first.
  /// kStop: the run ends here.
  virtual std::size_t assign(const PlaceRef& /*place*/,
                             const std::vector<std::string>& /*environments*/) {
    return 0;
  }
  static constexpr std::size_t kStop = static_cast<std::size_t>(-1);
};

/// Nothing happens.
class BenignChoices final : public Choices {
 public:
  bool active() const override { return false; }
  Alternative at(const PlaceRef&) override { return Alternative::kBenign; }
};

/// Takes the deviations of a schedule: crashes, power-off and environments strictly in their order,
/// everything else at its place.
class ScheduledChoices : public Choices {
 public:
  explicit ScheduledChoices(const Schedule& schedule);

  bool active() const override { return next_ < placed_.size() || !anywhere_.empty(); }
  Alternative at(const PlaceRef& place) override;
  std::string arriving() const override { return arriving_; }
  Fault fault() const override { return fault_; }
  bool defers(std::string_view name) const override;
  std::string first_start() const override { return first_; }
  bool varies(HiddenInput input) const override;
  std::optional<Arrival> arrival(std::string_view subject) override;
  std::optional<std::int64_t> limit(Quota quota) const override;
  bool orders() const override { return orders_; }
  std::size_t choose(const std::vector<std::string>& ready) override;
  std::size_t assign(const PlaceRef& place,
                     const std::vector<std::string>& environments) override;

  /// The events that never came into play: the schedule is stale when there is one.
  std::vector<ScheduleEvent> unreached() const;

 private:
  struct Waiting {
    ScheduleEvent event;
    int taken = 0;
  };

  static bool matches(const ScheduleEvent& event, const PlaceRef& place);
  Alternative take(Waiting& waiting);

  std::vector<ScheduleEvent> placed_;  // crashes, power-off, environments: in order
  std::vector<Waiting> anywhere_;      // overlaps, freezes, faults, arrivals at a place
  std::vector<Waiting> standing_;      // arrivals without a place, orders of branches
  std::vector<ScheduleEvent> limits_;
  bool varies_[kHiddenInputCount] = {};
  bool orders_ = false;
  std::string first_;
  std::size_t next_ = 0;
  std::string arriving_;
  Fault fault_ = Fault::kFails;
};

}  // namespace reprise
