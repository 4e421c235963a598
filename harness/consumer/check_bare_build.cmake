# Configures the repository as docs/packaging.md does, without the packages that only tests and
# benchmarks need, and checks that nothing but the libraries is built:
#
#   cmake -D SOURCE_DIR=<repository> -D BUILD_DIR=<build tree> -P check_bare_build.cmake

set(work_dir "${BUILD_DIR}/consumer/bare")
file(REMOVE_RECURSE "${work_dir}")
set(without)
foreach(package IN ITEMS rapidcheck yaml-cpp benchmark)
  list(APPEND without "-DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON")
endforeach()
execute_process(
  COMMAND "${CMAKE_COMMAND}" -G Ninja -C "${BUILD_DIR}/consumer_settings.cmake" ${without}
    -DREPRISE_BUILD_TESTS=OFF -DREPRISE_BUILD_BENCHMARKS=OFF -S "${SOURCE_DIR}" -B "${work_dir}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the build without tests cannot be configured\n${output}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${work_dir}" --target help
  OUTPUT_VARIABLE targets COMMAND_ERROR_IS_FATAL ANY)
foreach(library IN ITEMS reprise_sdk reprise_reprise reprise_fakes reprise_testing)
  if(NOT targets MATCHES "\n${library}: ")
    message(FATAL_ERROR "the build without tests lacks ${library}\n${targets}")
  endif()
endforeach()
string(REGEX MATCHALL "\n(reprise_scenarios|reprise_demo|reprise_bench|record_dump|[a-z_]+_test): "
  unwanted "${targets}")
if(unwanted)
  message(FATAL_ERROR "the build without tests builds${unwanted}")
endif()
