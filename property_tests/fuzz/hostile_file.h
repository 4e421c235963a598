#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::fuzz {

/// The kinds of files that somebody else may have written.  The first byte of an input says which
/// one the rest of it is.
inline constexpr char kHistory = 'h';
inline constexpr char kFixture = 'f';
inline constexpr char kSchedule = 's';
inline constexpr char kReport = 'r';
inline constexpr char kMerge = 'm';  ///< two reports, with a line "+" between them

/// Reads the input as what it says it is; "" when all went well: it was refused with a message, or
/// it was accepted, and then what is written of it reads back the same, and is shown.
std::string complaint_about(std::string_view input);

/// What is done with a complaint; the program ends unless somebody else cares.
extern void (*on_complaint)(const std::string& complaint);

}  // namespace reprise::fuzz

/// The entry point of libFuzzer, and of the replay of its corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
