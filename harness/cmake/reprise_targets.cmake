# Sources are gathered by pattern, so that a new file needs no line in any CMakeLists.txt.

set(reprise_not_library_sources "_(test|bench|main|test_support)\\.cc$")
set(reprise_not_public_headers "_(test|bench|main|test_support)\\.h$")

# Sets the two variables to the library sources and to the headers to install, below the given
# directories.
function(reprise_glob sources_variable headers_variable)
  set(found_sources)
  set(found_headers)
  foreach(directory IN LISTS ARGN)
    file(GLOB_RECURSE more CONFIGURE_DEPENDS "${directory}/*.cc")
    list(APPEND found_sources ${more})
    file(GLOB_RECURSE more CONFIGURE_DEPENDS "${directory}/*.h")
    list(APPEND found_headers ${more})
  endforeach()
  list(FILTER found_sources EXCLUDE REGEX "${reprise_not_library_sources}")
  list(FILTER found_headers EXCLUDE REGEX "${reprise_not_public_headers}")
  set(${sources_variable} ${found_sources} PARENT_SCOPE)
  set(${headers_variable} ${found_headers} PARENT_SCOPE)
endfunction()

# A library target must have a source even while its rooms hold headers only, or nothing at all.
function(reprise_or_placeholder variable)
  if("${${variable}}" STREQUAL "")
    set(placeholder "${PROJECT_BINARY_DIR}/placeholder.cc")
    file(CONFIGURE OUTPUT "${placeholder}"
      CONTENT "// Stands for a library that has no source file yet.\n")
    set(${variable} "${placeholder}" PARENT_SCOPE)
  endif()
endfunction()

# reprise_add_library(<target> [TYPE STATIC] EXPORT_NAME <name> BASE_DIR <include root>
#   DIRS <dir>...)
function(reprise_add_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TYPE;EXPORT_NAME;OUTPUT_NAME;BASE_DIR" "DIRS")
  reprise_glob(sources headers ${arg_DIRS})
  reprise_or_placeholder(sources)

  add_library(${target} ${arg_TYPE})
  add_library(reprise::${arg_EXPORT_NAME} ALIAS ${target})
  target_sources(${target}
    PRIVATE ${sources}
    PUBLIC FILE_SET HEADERS BASE_DIRS "${arg_BASE_DIR}" FILES ${headers})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PRIVATE "${REPRISE_XXHASH_INCLUDE_DIR}")
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    EXPORT_NAME ${arg_EXPORT_NAME}
    OUTPUT_NAME ${arg_OUTPUT_NAME}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endfunction()

# A library for our own programs: found by pattern, never installed.  Its files are included by
# their path from the top of the repository or from their own folder.
function(reprise_add_private_library target directory)
  reprise_glob(sources headers "${directory}")
  reprise_or_placeholder(sources)
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}" "${directory}")
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
