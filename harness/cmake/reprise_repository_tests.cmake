# Tests of the repository as a whole rather than of one room.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(tools_dir "${PROJECT_SOURCE_DIR}/harness/tools")

add_test(NAME lint.layers
  COMMAND Python3::Interpreter "${tools_dir}/check_layers.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.layers_selftest
  COMMAND Python3::Interpreter "${tools_dir}/check_layers_selftest.py")
add_test(NAME lint.docs
  COMMAND Python3::Interpreter "${tools_dir}/check_docs.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.docs_schema
  COMMAND Python3::Interpreter "${tools_dir}/check_docs.py" --schema "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.mutants
  COMMAND Python3::Interpreter "${tools_dir}/mutants.py" check "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.await_rules COMMAND "${tools_dir}/check_awaits.sh" --selftest)
set_tests_properties(lint.layers lint.layers_selftest lint.docs lint.docs_schema lint.mutants
    lint.await_rules
  PROPERTIES LABELS lint TIMEOUT 120)
# Without python3-jsonschema it says so.
set_tests_properties(lint.docs_schema PROPERTIES SKIP_RETURN_CODE 77)

add_test(NAME mechanisms
  COMMAND Python3::Interpreter "${tools_dir}/check_mechanisms.py" "$<TARGET_FILE:testing_test>"
    "${PROJECT_SOURCE_DIR}/docs/mechanisms.md")
set_tests_properties(mechanisms PROPERTIES LABELS unit TIMEOUT 300)

# Programs that must not compile, and programs that must.
file(GLOB compile_cases CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/harness/compile_fail/*.cc"
  "${PROJECT_SOURCE_DIR}/harness/compile_ok/*.cc")
if(compile_cases)
  set(flags_file "${PROJECT_BINARY_DIR}/compile_fail_flags.txt")
  set(include_dirs
    "$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:compile_fail_flags,INCLUDE_DIRECTORIES>>")
  add_library(compile_fail_flags OBJECT EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/test_pch.cc")
  target_link_libraries(compile_fail_flags PRIVATE reprise_fakes reprise_testing)
  file(GENERATE OUTPUT "${flags_file}"
    CONTENT "$<$<BOOL:${include_dirs}>:-I$<JOIN:${include_dirs},\n-I>>\n")
  add_test(NAME compile_fail
    COMMAND Python3::Interpreter "${tools_dir}/check_compile_fail.py"
      --compiler "${CMAKE_CXX_COMPILER}" --flags-file "${flags_file}"
      "${PROJECT_SOURCE_DIR}/harness")
  set_tests_properties(compile_fail PROPERTIES LABELS compile TIMEOUT 300 PROCESSORS 2)
endif()

# The eight outputs of check_determinism.sh.
if(EXISTS "${tools_dir}/record_dump_main.cc")
  add_test(NAME determinism.compilers COMMAND "${tools_dir}/check_determinism.sh")
  set_tests_properties(determinism.compilers PROPERTIES
    LABELS determinism TIMEOUT 900 PROCESSORS 2)
endif()

# Projects outside, as our users have them.
if(REPRISE_INSTALL)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  set(build_type_flags "${CMAKE_CXX_FLAGS_${build_type}}")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/consumer_settings.cmake" @ONLY CONTENT [=[
set(CMAKE_CXX_COMPILER "@CMAKE_CXX_COMPILER@" CACHE STRING "")
set(CMAKE_CXX_COMPILER_LAUNCHER "@CMAKE_CXX_COMPILER_LAUNCHER@" CACHE STRING "")
set(CMAKE_BUILD_TYPE "@CMAKE_BUILD_TYPE@" CACHE STRING "")
set(CMAKE_CXX_FLAGS "@CMAKE_CXX_FLAGS@" CACHE STRING "")
set(CMAKE_CXX_FLAGS_@build_type@ "@build_type_flags@" CACHE STRING "")
]=])
  foreach(kind IN ITEMS find_package add_subdirectory)
    add_test(NAME consumer.${kind}
      COMMAND "${CMAKE_COMMAND}" -D KIND=${kind} -D "SOURCE_DIR=${PROJECT_SOURCE_DIR}"
        -D "BUILD_DIR=${PROJECT_BINARY_DIR}"
        -P "${PROJECT_SOURCE_DIR}/harness/consumer/run_consumer.cmake")
    set_tests_properties(consumer.${kind} PROPERTIES LABELS consumer TIMEOUT 900 PROCESSORS 2)
  endforeach()
  add_test(NAME consumer.bare
    COMMAND "${CMAKE_COMMAND}" -D "SOURCE_DIR=${PROJECT_SOURCE_DIR}"
      -D "BUILD_DIR=${PROJECT_BINARY_DIR}"
      -P "${PROJECT_SOURCE_DIR}/harness/consumer/check_bare_build.cmake")
  set_tests_properties(consumer.bare PROPERTIES LABELS consumer TIMEOUT 120)
endif()
