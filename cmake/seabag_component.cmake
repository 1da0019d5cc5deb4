# How a component becomes a target: seabag_component(NAME HEADERS ... SOURCES ... PUBLIC ... PRIVATE ...)
# makes the static library `seabag_NAME`, alias `seabag::NAME`, whose public headers live below
# `include/`. Linking the target is the only way to see them.
include_guard(GLOBAL)

add_library(seabag_build_flags INTERFACE)
target_compile_features(seabag_build_flags INTERFACE cxx_std_20)
target_compile_options(seabag_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
  -ffunction-sections -fdata-sections -fno-semantic-interposition
  -Wno-missing-field-initializers
  $<$<BOOL:${SEABAG_WERROR}>:-Werror>)
if(SEABAG_SANITIZE)
  target_compile_options(seabag_build_flags INTERFACE
    -fsanitize=${SEABAG_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # GCC 12 does not understand std::variant and std::optional any more under the sanitizers.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(seabag_build_flags INTERFACE -fsanitize=${SEABAG_SANITIZE})
endif()

function(seabag_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;PUBLIC;PRIVATE")
  set(target seabag_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC)
    target_sources(${target} PRIVATE ${arg_SOURCES}
      PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_include_directories(${target} PRIVATE src)
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC}
      PRIVATE $<BUILD_INTERFACE:seabag_build_flags> ${arg_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
    target_compile_features(${target} INTERFACE cxx_std_20)
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(seabag::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY SEABAG_COMPONENTS ${target})
endfunction()
