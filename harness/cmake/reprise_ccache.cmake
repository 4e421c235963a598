# Only for our own builds: a project that embeds the library decides about its compiler launcher.
find_program(REPRISE_CCACHE ccache)
mark_as_advanced(REPRISE_CCACHE)
if(REPRISE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache declines precompiled headers without these; NOHASHDIR lets the consumer tests, which
  # build the same files in another directory, find what the main build has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_NOHASHDIR=1
    "${REPRISE_CCACHE}")
endif()
