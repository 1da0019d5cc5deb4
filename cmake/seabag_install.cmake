# Install, export and pkg-config: one export file a component, so that find_package(seabag) looks
# only for the libraries of the components that are asked for.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(SEABAG_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/seabag")
get_property(components GLOBAL PROPERTY SEABAG_COMPONENTS)

# What a component links: others of ours, and third-party libraries.
set(SEABAG_COMPONENT_TABLE "")
foreach(target ${components})
  string(REPLACE "seabag_" "" name ${target})
  get_target_property(type ${target} TYPE)
  set(property LINK_LIBRARIES)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(property INTERFACE_LINK_LIBRARIES)
  endif()
  get_target_property(linked ${target} ${property})
  set(requires)
  set(libraries)
  foreach(item ${linked})
    if(item MATCHES "^seabag::(.*)$")
      list(APPEND requires ${CMAKE_MATCH_1})
    elseif(item MATCHES "^seabag_lib::(.*)$")
      list(APPEND libraries ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(APPEND names ${name})
  set(SEABAG_${name}_REQUIRES ${requires})
  string(APPEND SEABAG_COMPONENT_TABLE
    "set(_seabag_${name}_requires ${requires})\nset(_seabag_${name}_libraries ${libraries})\n")
  install(TARGETS ${target} EXPORT seabag_${name}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT seabag_${name} NAMESPACE seabag:: FILE seabagTargets-${name}.cmake
    DESTINATION "${SEABAG_CMAKE_DIR}")
endforeach()
set(SEABAG_COMPONENT_NAMES ${names})

# The suite for providers, as sources: it is compiled with the flags of who uses it.
set(SEABAG_CONTRACT_DIR "${CMAKE_INSTALL_DATADIR}/seabag/provider_contract")
set(suite "${PROJECT_SOURCE_DIR}/tests/support")
install(FILES
  "${suite}/catch.h" "${suite}/catch_main.cpp" "${suite}/tree.h" "${suite}/tree.cpp"
  "${suite}/provider_contract.h" "${suite}/provider_contract.cpp"
  "${suite}/provider_contract_attributes.cpp" "${suite}/provider_contract_create.cpp"
  "${suite}/provider_contract_file_read.cpp" "${suite}/provider_contract_file_write.cpp"
  "${suite}/provider_contract_list.cpp" "${suite}/provider_contract_lookup.cpp"
  "${suite}/provider_contract_names.cpp" "${suite}/provider_contract_parts.h"
  "${suite}/provider_contract_rename.cpp" "${suite}/provider_contract_threads.cpp"
  DESTINATION "${SEABAG_CONTRACT_DIR}/support")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/seabagConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/seabagConfig.cmake"
  INSTALL_DESTINATION "${SEABAG_CMAKE_DIR}" PATH_VARS CMAKE_INSTALL_BINDIR SEABAG_CONTRACT_DIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/seabagConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/seabagConfig.cmake"
  "${PROJECT_BINARY_DIR}/seabagConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_bundle.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_libraries.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_provider_contract.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_slot.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_slot.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/seabag_slot.ld"
  DESTINATION "${SEABAG_CMAKE_DIR}")

# pkg-config cannot choose components: it describes what an app links, users before what they use.
function(seabag_add_link_order name)
  get_property(ordered GLOBAL PROPERTY SEABAG_LINK_ORDER)
  if(name IN_LIST ordered)
    return()
  endif()
  foreach(required ${SEABAG_${name}_REQUIRES})
    seabag_add_link_order(${required})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY SEABAG_LINK_ORDER ${name})
endfunction()
seabag_add_link_order(app)
get_property(ordered GLOBAL PROPERTY SEABAG_LINK_ORDER)
list(REVERSE ordered)
list(TRANSFORM ordered PREPEND "-lseabag_")
list(JOIN ordered " " SEABAG_APP_LIBRARIES)
file(RELATIVE_PATH SEABAG_PKG_CONFIG_PREFIX
  "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file("${CMAKE_CURRENT_LIST_DIR}/seabag.pc.in" "${PROJECT_BINARY_DIR}/seabag.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/seabag.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
