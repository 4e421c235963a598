#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reprise/explore/scenario.h"
#include "reprise/record/finding.h"
#include "reprise/runtime/mechanism.h"

namespace scenarios::zoo {

/// Handler, world and scenario of one twin of a pair.
class Specimen {
 public:
  virtual ~Specimen() = default;
  /// Lives as long as the specimen.
  virtual reprise::Scenario& scenario() = 0;
};
using SpecimenFactory = std::unique_ptr<Specimen> (*)();

/// A kind of mistake as a pair of handlers that differ by the smallest edit: `buggy` must be
/// reported, `fixed` must not.
///
/// A decoy is correct code that looks wrong: it has no `buggy`.  The canary has no `fixed`.  A pair
/// with `before` is about versions: histories of `before` must break on `buggy` and go on with
/// `fixed`.
struct ZooEntry {
  std::string_view id;    ///< "ID01"; the family is what precedes the number
  std::string_view name;  ///< "non-idempotent-step"
  /// What the report must say; nothing: it is a decoy.
  std::optional<reprise::Verdict> expected;
  reprise::Mechanism mechanism;  ///< the cheapest that must find it
  std::string_view official;     ///< what a vendor's own tool finds before production
  /// A text that the report holds when it names the cause: a line, or the hidden input that
  /// mattered.  Every entry of the families ND, CF and ST has one.
  std::string_view cause = "";
  SpecimenFactory buggy = nullptr;
  SpecimenFactory fixed = nullptr;
  SpecimenFactory before = nullptr;
  SpecimenFactory before_fixed = nullptr;  ///< what `fixed` goes on with; nothing: `before`

  std::string_view family() const { return id.substr(0, id.find_first_of("0123456789")); }
  bool is_decoy() const { return !expected.has_value(); }
};

/// AddressSanitizer fills fresh memory itself: what is about that cannot be found under it.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kMemoryIsFilled = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kMemoryIsFilled = true;
#else
inline constexpr bool kMemoryIsFilled = false;
#endif
#else
inline constexpr bool kMemoryIsFilled = false;
#endif
inline constexpr std::string_view kAboutFreshMemory = "ND10";

/// All of them, by family, the decoys last.
std::span<const ZooEntry> zoo();

// One list a family; a file each.
std::span<const ZooEntry> nd_entries();
std::span<const ZooEntry> cf_entries();
std::span<const ZooEntry> st_entries();
std::span<const ZooEntry> su_entries();
std::span<const ZooEntry> cc_entries();
std::span<const ZooEntry> id_entries();
std::span<const ZooEntry> cb_entries();
std::span<const ZooEntry> lc_entries();
std::span<const ZooEntry> is_entries();
std::span<const ZooEntry> decoys();

}  // namespace scenarios::zoo
