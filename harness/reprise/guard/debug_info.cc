#include "reprise/guard/internal/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <algorithm>

namespace reprise::internal {
namespace {

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string spell(std::string_view file, int line) {
  return std::string(last_part(file)) + ":" + std::to_string(line);
}

std::string hexadecimal(std::uint64_t number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
    number /= 16;
  } while (number != 0);
  return "0x" + digits;
}

/// Debug information comes from the modules themselves, never from a server.
int no_separate_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                     GElf_Word, char**) {
  return -1;
}

/// The modules of this process.
class Modules {
 public:
  Dwfl_Module* find(Dwarf_Addr address) {
    Dwfl_Module* module = dwfl_ == nullptr ? nullptr : dwfl_addrmodule(dwfl_, address);
    if (module != nullptr) return module;
    // The first time, or a library that was loaded since.
    if (dwfl_ != nullptr) dwfl_end(dwfl_);
    dwfl_ = dwfl_begin(&callbacks_);
    if (dwfl_ == nullptr) return nullptr;
    dwfl_report_begin(dwfl_);
    const bool failed = dwfl_linux_proc_report(dwfl_, getpid()) != 0;
    if (dwfl_report_end(dwfl_, nullptr, nullptr) != 0 || failed) return nullptr;
    return dwfl_addrmodule(dwfl_, address);
  }

 private:
  Dwfl* dwfl_ = nullptr;
  Dwfl_Callbacks callbacks_ = {dwfl_linux_proc_find_elf, no_separate_file, nullptr, nullptr};
};

std::string linkage_name(Dwarf_Die* function) {
  for (const unsigned int name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    Dwarf_Attribute attribute;
    const char* text = dwarf_formstring(dwarf_attr_integrate(function, name, &attribute));
    if (text != nullptr) return text;
  }
  return {};
}

/// The unit that holds the address.  Units of clang are in no table of addresses.
Dwarf_Die* unit_of(Dwfl_Module* module, Dwarf_Addr address, Dwarf_Addr& bias) {
  if (Dwarf_Die* unit = dwfl_module_addrdie(module, address, &bias)) return unit;
  Dwarf_Die* unit = nullptr;
  while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr) {
    if (dwarf_haspc(unit, address - bias) == 1) return unit;
  }
  return nullptr;
}

/// Finds the functions around the address as they are nested in the machine code, innermost first;
/// false when there is none below `die`.  Every entry is looked at: g++ keeps the body of a
/// coroutine that is a lambda inside a function whose own code lies elsewhere.
bool find_functions(Dwarf_Die* die, Dwarf_Addr address, std::vector<Dwarf_Die>& found) {
  Dwarf_Die child;
  if (dwarf_child(die, &child) != 0) return false;
  do {
    const int tag = dwarf_tag(&child);
    const bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
    const bool here = dwarf_haspc(&child, address) == 1;
    if (find_functions(&child, address, found) || (here && function)) {
      if (here && function) found.push_back(child);
      return true;
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

/// Where the inlined function was called, if that is known.
bool call_of(Dwarf_Die* inlined, Dwarf_Files* files, std::string& file, int& line) {
  Dwarf_Attribute attribute;
  Dwarf_Word index = 0;
  Dwarf_Word number = 0;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &index) != 0 ||
      dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) != 0) {
    return false;
  }
  const char* name = dwarf_filesrc(files, index, nullptr, nullptr);
  if (name == nullptr) return false;
  file = name;
  line = static_cast<int>(number);
  return true;
}

void add_places(std::vector<CodePlace>& places, Dwfl_Module* module, std::string_view path,
                Dwarf_Addr address) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = unit_of(module, address, bias);
  if (unit == nullptr) return;
  Dwarf_Line* row = dwarf_getsrc_die(unit, address - bias);
  const char* name = row == nullptr ? nullptr : dwarf_linesrc(row, nullptr, nullptr);
  int line = 0;
  if (name == nullptr || dwarf_lineno(row, &line) != 0) return;
  std::string file = name;
  Dwarf_Files* files = nullptr;
  std::vector<Dwarf_Die> functions;
  if (dwarf_getsrcfiles(unit, &files, nullptr) == 0) {
    find_functions(unit, address - bias, functions);
  }
  for (Dwarf_Die& function : functions) {
    std::string symbol = linkage_name(&function);
    places.push_back({owner_of(file, symbol, path), spell(file, line), std::move(symbol)});
    if (dwarf_tag(&function) == DW_TAG_subprogram || !call_of(&function, files, file, line)) return;
  }
  if (places.empty()) places.push_back({owner_of(file, {}, path), spell(file, line), {}});
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view each) { return text.substr(0, each.size()) == each; });
}

/// The mangled name without what says that it is nested, const, or inside another function.
std::string_view outermost_scope(std::string_view symbol) {
  if (symbol.substr(0, 2) != "_Z") return {};
  symbol.remove_prefix(2);
  while (!symbol.empty() && std::string_view("ZNKVrRO").find(symbol[0]) != symbol.npos) {
    symbol.remove_prefix(1);
  }
  return symbol;
}

}  // namespace

CodeOwner owner_of(std::string_view file, std::string_view symbol, std::string_view module) {
  const std::string_view scope = outermost_scope(symbol);
  const std::string_view library = last_part(module);
  const bool in_framework = file.find("/gtest/") != file.npos || file.find("/gmock/") != file.npos;
  if (in_framework ||
      begins_with_any(scope, {"7testing", "6__asan", "7__ubsan", "6__tsan", "11__sanitizer"}) ||
      begins_with_any(symbol, {"__asan_", "__ubsan_", "__tsan_", "__sanitizer_"}) ||
      begins_with_any(library, {"libgtest", "libgmock", "libasan.so", "libubsan.so", "libtsan.so",
                                "libclang_rt"})) {
    return CodeOwner::kTestTool;
  }
  if (begins_with_any(file, {"/usr/include/", "/usr/lib/", "/usr/local/include/"}) ||
      file.find("/include/c++/") != file.npos ||
      begins_with_any(scope, {"St", "Sa", "Ss", "Sb", "Si", "So", "Sd", "9__gnu_cxx", "4absl",
                              "8nlohmann", "10__cxxabiv1"}) ||
      begins_with_any(library,
                      {"libabsl_", "libstdc++.so", "libc++.so", "libgcc_s.so", "libc.so"}) ||
      begins_with_any(module, {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "[vdso]"})) {
    return CodeOwner::kLibrary;
  }
  return CodeOwner::kProgram;
}

std::vector<CodePlace> code_places(std::uintptr_t address) {
  static auto& modules = *new Modules;
  std::vector<CodePlace> places;
  Dwfl_Module* module = modules.find(address);
  if (module == nullptr) return {{CodeOwner::kLibrary, "an unknown module", {}}};
  Dwarf_Addr start = 0;
  const char* path =
      dwfl_module_info(module, nullptr, &start, nullptr, nullptr, nullptr, nullptr, nullptr);
  const std::string_view name = path == nullptr ? std::string_view() : std::string_view(path);
  add_places(places, module, name, address);
  const char* symbol = dwfl_module_addrname(module, address);
  const std::string known = symbol == nullptr ? std::string() : std::string(symbol);
  if (places.empty()) {
    places.push_back({owner_of({}, known, name),
                      std::string(last_part(name)) + "+" + hexadecimal(address - start), known});
  } else if (places.back().symbol.empty()) {
    places.back().symbol = known;
  }
  return places;
}

}  // namespace reprise::internal
