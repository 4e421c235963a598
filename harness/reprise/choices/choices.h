#pragma once

#include <cstdint>
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
  enum class Alternative : std::uint8_t { kBenign, kCrash, kPowerOff, kOverlap };

  virtual ~Choices() = default;

  /// False: `at` need not be asked, nothing ever happens.
  virtual bool active() const { return true; }
  /// The alternative taken at a place that is being passed.
  virtual Alternative at(const PlaceRef& place) = 0;
  /// After kOverlap: the start that comes here.
  virtual std::string overlapping_start() const { return {}; }
  /// True when the start `name` does not come at the beginning but where an overlap says.
  virtual bool defers(std::string_view /*name*/) const { return false; }
  /// The start that comes first; "" for the order in which they were declared.
  virtual std::string first_start() const { return {}; }
  /// True when `input` differs between invocations, outside step bodies.
  virtual bool varies(HiddenInput /*input*/) const { return false; }
};

/// Nothing happens.
class BenignChoices final : public Choices {
 public:
  bool active() const override { return false; }
  Alternative at(const PlaceRef&) override { return Alternative::kBenign; }
};

/// Takes the deviations of a schedule: crashes and power-off strictly in their order, an overlap at
/// its place.
class ScheduledChoices final : public Choices {
 public:
  explicit ScheduledChoices(const Schedule& schedule);

  bool active() const override { return next_ < placed_.size() || !overlaps_.empty(); }
  Alternative at(const PlaceRef& place) override;
  std::string overlapping_start() const override { return overlapping_; }
  bool defers(std::string_view name) const override;
  std::string first_start() const override { return first_; }
  bool varies(HiddenInput input) const override;

  /// The events whose place was never reached: the schedule is stale when there is one.
  std::vector<ScheduleEvent> unreached() const;

 private:
  bool matches(const ScheduleEvent& event, const PlaceRef& place) const;

  std::vector<ScheduleEvent> placed_;  // crashes, power-off: in order
  std::vector<ScheduleEvent> overlaps_;
  std::vector<bool> overlap_taken_;
  bool varies_[kHiddenInputCount] = {};
  std::string first_;
  std::size_t next_ = 0;
  std::string overlapping_;
};

}  // namespace reprise
