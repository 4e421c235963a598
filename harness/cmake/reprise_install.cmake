include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(reprise_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/reprise")

set(reprise_installed_targets
  reprise_sdk reprise_reprise reprise_fakes reprise_testing reprise_rapidcheck reprise_tool)
if(REPRISE_BUILD_GUARD)
  list(APPEND reprise_installed_targets reprise_guard)
endif()
install(TARGETS ${reprise_installed_targets}
  EXPORT reprise-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT reprise-targets NAMESPACE reprise:: DESTINATION "${reprise_package_dir}")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/reprise-config.cmake.in"
  "${PROJECT_BINARY_DIR}/reprise-config.cmake"
  INSTALL_DESTINATION "${reprise_package_dir}"
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/reprise-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/reprise-config.cmake"
  "${PROJECT_BINARY_DIR}/reprise-config-version.cmake"
  DESTINATION "${reprise_package_dir}")

# From <prefix>/<libdir>/pkgconfig back to <prefix>, however deep libdir is.
file(RELATIVE_PATH reprise_pc_to_prefix "/x/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/x")
string(REGEX REPLACE "/$" "" reprise_pc_to_prefix "${reprise_pc_to_prefix}")
list(TRANSFORM reprise_absl_libraries REPLACE "^absl::" "absl_" OUTPUT_VARIABLE reprise_pc_requires)
if(BUILD_SHARED_LIBS)
  set(reprise_pc_requires_private libcrypto)
else()
  list(APPEND reprise_pc_requires libcrypto)
endif()
list(JOIN reprise_pc_requires " " reprise_pc_requires)
configure_file("${CMAKE_CURRENT_LIST_DIR}/reprise.pc.in" "${PROJECT_BINARY_DIR}/reprise.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/reprise.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
