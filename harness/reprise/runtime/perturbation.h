#pragma once

#include <cstdint>
#include <functional>
#include <locale>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"

namespace reprise {

/// Changes what the process is like while code of a handler runs: time zone, locale, where
/// allocations lie and what they hold, rounding mode.  Bodies and the harness run under what was
/// there before.  It changes the whole process: one thread.
class Perturbation {
 public:
  /// How often each input has changed; 0: not yet.  Nothing: it never does.
  using Variation = std::function<std::optional<std::uint64_t>(HiddenInput)>;

  Perturbation() = default;
  Perturbation(const Perturbation&) = delete;
  Perturbation& operator=(const Perturbation&) = delete;
  ~Perturbation() { restore(); }

  void apply(const Variation& variation);
  /// Puts everything back; nothing happens when nothing was applied.
  void restore();

 private:
  void change_time_zone(std::uint64_t changes);
  void change_locale(std::uint64_t changes);
  void place_blocks(std::uint64_t changes);
  void fill(std::uint64_t changes);

  bool applied_ = false;
  bool time_zone_changed_ = false;
  std::optional<std::string> time_zone_;  // as it was
  std::optional<std::locale> locale_;     // as it was
  bool filled_ = false;
  std::optional<int> rounding_;  // as it was
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace reprise
