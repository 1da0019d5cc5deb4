# seabag_bundle_slot(TARGET) gives an executable the slot that a bundle is packed into: the section
# `.seabag`, alone in the last read-only segment. Works for static-pie, PIE and fixed-address
# executables with GNU ld, and with lld for the last two (it puts data of glibc's behind the slot of a
# static-pie; packing says so). gold refuses the linker script.
include_guard(GLOBAL)

function(seabag_bundle_slot target)
  set(source "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/seabag_slot.cpp")
  set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/seabag_slot.ld")
  target_sources(${target} PRIVATE "${source}")
  # Without link-time optimisation and instrumentation: the section must come out as written.
  set_source_files_properties("${source}" TARGET_DIRECTORY ${target} PROPERTIES
    COMPILE_OPTIONS "-fno-lto;-fno-sanitize=all")
  target_link_options(${target} PRIVATE
    "LINKER:-T,${script}" "LINKER:-z,max-page-size=65536")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
endfunction()
