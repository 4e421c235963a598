# What the library itself needs.  Keep in step with reprise-config.cmake.in, which finds the same
# packages for an installed library, and with reprise.pc.in.
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)

find_path(REPRISE_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
mark_as_advanced(REPRISE_XXHASH_INCLUDE_DIR)

if(REPRISE_BUILD_GUARD)
  find_path(REPRISE_LIBDW_INCLUDE_DIR elfutils/libdwfl.h)
  mark_as_advanced(REPRISE_LIBDW_INCLUDE_DIR)
  if(NOT REPRISE_LIBDW_INCLUDE_DIR)
    message(FATAL_ERROR "reprise::guard needs libdw of elfutils (Debian: libdw-dev); "
      "-DREPRISE_BUILD_GUARD=OFF builds without the guard")
  endif()
endif()

# The testing room compiles against GoogleTest's headers, also where no test of ours is built.  A
# project that brings its own GoogleTest before us keeps it.
if(NOT TARGET GTest::gmock)
  find_package(GTest CONFIG REQUIRED)
endif()

if(REPRISE_BUILD_TESTS)
  find_package(rapidcheck CONFIG REQUIRED)
  find_package(yaml-cpp 0.7 CONFIG REQUIRED)
endif()
if(REPRISE_BUILD_BENCHMARKS)
  find_package(benchmark CONFIG REQUIRED)
endif()

set(reprise_absl_libraries
  absl::any_invocable
  absl::btree
  absl::cleanup
  absl::flat_hash_map
  absl::flat_hash_set
  absl::function_ref
  absl::inlined_vector
  absl::span
  absl::status
  absl::statusor
  absl::str_format
  absl::strings
  absl::time)
