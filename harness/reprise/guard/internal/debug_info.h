#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::internal {

/// Who wrote the code.
enum class CodeOwner : std::uint8_t {
  kProgram,   ///< the test program and its libraries
  kLibrary,   ///< the language's, the system's, or Abseil and nlohmann/json
  kTestTool,  ///< GoogleTest, sanitizers
};

/// A place in the source.
struct CodePlace {
  CodeOwner owner = CodeOwner::kProgram;
  std::string location;  ///< "order.cpp:17"; without debug information "order_test+0x1f30"
  std::string symbol;    ///< mangled; "" when unknown
};

/// The places that the instruction at `address` stands for: the innermost function that was inlined
/// there first, the function that exists last.  Never empty.
std::vector<CodePlace> code_places(std::uintptr_t address);

/// By the file in which a function is defined, its mangled name, and the module (the executable or
/// shared library) that holds it; each may be "".
CodeOwner owner_of(std::string_view file, std::string_view symbol, std::string_view module);

}  // namespace reprise::internal
