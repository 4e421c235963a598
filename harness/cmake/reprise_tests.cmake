# What every test executable compiles against, gathered in one precompiled header that all share.
# The clang preset switches it off, and so finds the includes that a file forgot.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/test_pch.cc"
  CONTENT "// Carries the precompiled header of the tests.\n")
add_library(reprise_test_pch OBJECT EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/test_pch.cc")
target_link_libraries(reprise_test_pch PRIVATE GTest::gmock nlohmann_json::nlohmann_json)
target_precompile_headers(reprise_test_pch PRIVATE
  <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)

function(reprise_configure_test_target target)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE REPRISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # Without this g++ leaves the precompiled header out of what ccache hashes.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
reprise_configure_test_target(reprise_test_pch)

# reprise_add_gtest(<target> LABEL <label> SOURCES <file>... LIBRARIES <library>...)
#
# One executable.  Each of its tests is a test of ctest, named <target without _test>/<Suite.Test>.
function(reprise_add_gtest target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "SOURCES;LIBRARIES")
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${target} ${arg_SOURCES})
  if(REPRISE_PLANTED_FAULTS)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/harness/mutants/switch.cc")
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/harness")
  endif()
  reprise_configure_test_target(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock_main)
  target_precompile_headers(${target} REUSE_FROM reprise_test_pch)

  string(REGEX REPLACE "_tests?$" "" prefix ${target})
  gtest_discover_tests(${target}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    TEST_PREFIX "${prefix}/"
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
endfunction()
