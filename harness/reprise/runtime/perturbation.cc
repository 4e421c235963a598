#include "reprise/runtime/perturbation.h"

#include <malloc.h>

#include <cfenv>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace reprise {
namespace {

/// As in much of Europe: 1.234,5.
class CommaNumbers final : public std::numpunct<char> {
 protected:
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// Leaves `byte` where the frames of the handler's functions will lie.
[[gnu::noinline]] void fill_stack(unsigned char byte) {
  constexpr std::size_t kBytes = std::size_t{16} * 1024;
  volatile unsigned char below[kBytes];
  for (std::size_t i = 0; i < kBytes; ++i) below[i] = byte;
  static_cast<void>(below[0]);
}

void fill_heap([[maybe_unused]] int byte) {
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  mallopt(M_PERTURB, byte);
#endif
}

}  // namespace

void Perturbation::apply(const Variation& variation) {
  applied_ = true;
  const auto changes_of = [&](HiddenInput input) { return variation(input).value_or(0); };
  if (const std::uint64_t changes = changes_of(HiddenInput::kTimeZone)) change_time_zone(changes);
  if (const std::uint64_t changes = changes_of(HiddenInput::kLocale)) change_locale(changes);
  if (const std::uint64_t changes = changes_of(HiddenInput::kHeapPlacement)) place_blocks(changes);
  // The first time too: what memory holds then is not what another process finds either.
  if (const auto changes = variation(HiddenInput::kMemoryFill)) fill(*changes);
  if (const std::uint64_t changes = changes_of(HiddenInput::kRounding)) {
    rounding_ = std::fegetround();
    std::fesetround(changes % 2 == 1 ? FE_UPWARD : FE_DOWNWARD);
  }
}

void Perturbation::place_blocks(std::uint64_t changes) {
  constexpr std::size_t kBlocks = 8;
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::make_unique<char[]>(16 * (1 + (changes * 7 + i * 5) % 61)));
  }
  // Holes between what stays.
  for (std::size_t i = changes % 2; i < blocks.size(); i += 2) blocks[i].reset();
  for (auto& block : blocks) blocks_.push_back(std::move(block));
}

void Perturbation::fill(std::uint64_t changes) {
  // glibc keeps blocks that were freed aside, by size, and gives these out as they are: they are
  // taken until none is left.
  constexpr std::size_t kSizeMax = 1024;
  constexpr std::size_t kBlocksOfSize = 16;
  for (std::size_t size = 24; size <= kSizeMax; size += 16) {
    for (std::size_t i = 0; i < kBlocksOfSize; ++i) {
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    }
  }
  // New blocks hold the complement: zero at first, as in a process that has just begun.
  const auto byte = static_cast<unsigned char>(changes == 0 ? 255 : 1 + (changes * 83) % 251);
  fill_heap(byte);
  fill_stack(static_cast<unsigned char>(~byte));
  filled_ = true;
}

void Perturbation::restore() {
  if (!std::exchange(applied_, false)) return;
  if (rounding_) std::fesetround(*std::exchange(rounding_, std::nullopt));
  if (std::exchange(filled_, false)) fill_heap(0);
  if (locale_) std::locale::global(*std::exchange(locale_, std::nullopt));
  if (std::exchange(time_zone_changed_, false)) {
    if (time_zone_) {
      ::setenv("TZ", time_zone_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
  blocks_.clear();
}

void Perturbation::change_time_zone(std::uint64_t changes) {
  const char* before = std::getenv("TZ");
  time_zone_ = before != nullptr ? std::optional<std::string>(before) : std::nullopt;
  time_zone_changed_ = true;
  // Written out, so that no database is needed; both are real offsets.
  ::setenv("TZ", changes % 2 == 1 ? "CHAST-12:45" : "NST3:30", 1);
  ::tzset();
}

void Perturbation::change_locale(std::uint64_t changes) {
  if (changes % 2 == 0) return;
  locale_ = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
}

}  // namespace reprise
