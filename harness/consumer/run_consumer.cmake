# Builds and runs one outside project:
#
#   cmake -D KIND=find_package|add_subdirectory -D SOURCE_DIR=<repository> -D BUILD_DIR=<build tree>
#         -P run_consumer.cmake
#
# BUILD_DIR/consumer_settings.cmake holds the compiler and the flags of the build tree: a library
# that was built with sanitizers needs consumers that are.

function(run)
  execute_process(COMMAND ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

cmake_path(REPLACE_FILENAME CMAKE_COMMAND ctest OUTPUT_VARIABLE ctest)
set(work_dir "${BUILD_DIR}/consumer/${KIND}")
file(REMOVE_RECURSE "${work_dir}")
file(MAKE_DIRECTORY "${work_dir}")

if(KIND STREQUAL "find_package")
  run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${work_dir}/installed")
  # Moved after the installation: nothing in the package may remember where it was.
  file(RENAME "${work_dir}/installed" "${work_dir}/prefix")
  set(where "-DCMAKE_PREFIX_PATH=${work_dir}/prefix")
else()
  set(where "-DREPRISE_DIR=${SOURCE_DIR}")
endif()

run("${CMAKE_COMMAND}" -G Ninja -C "${BUILD_DIR}/consumer_settings.cmake" "${where}"
  -S "${SOURCE_DIR}/harness/consumer/${KIND}" -B "${work_dir}/build")
run("${CMAKE_COMMAND}" --build "${work_dir}/build" --parallel 2)
run("${ctest}" --test-dir "${work_dir}/build" --output-on-failure
  --no-tests=error)
