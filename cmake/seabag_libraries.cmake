# The third-party libraries as imported targets: `seabag_lib::NAME` (shared, for the command) and
# `seabag_lib::NAME_static` (for what goes into a packed executable). The project requires all of
# them, the installed package those of the components that are asked for.
include_guard(GLOBAL)

find_package(Threads REQUIRED)

set(SEABAG_LIBRARY_archive HEADER archive.h LIBRARY archive PACKAGE libarchive-dev)
set(SEABAG_LIBRARY_brotli HEADER brotli/encode.h LIBRARY brotlienc brotlidec brotlicommon
    PACKAGE libbrotli-dev)
set(SEABAG_LIBRARY_cli11 HEADER CLI/CLI.hpp PACKAGE libcli11-dev)
set(SEABAG_LIBRARY_crypt HEADER crypt.h LIBRARY crypt STATIC libcrypt.a PACKAGE libcrypt-dev)
set(SEABAG_LIBRARY_deflate HEADER libdeflate.h LIBRARY deflate PACKAGE libdeflate-dev)
set(SEABAG_LIBRARY_fuse HEADER fuse3/fuse_lowlevel.h LIBRARY fuse3 STATIC libfuse3.a
    PACKAGE libfuse3-dev)
set(SEABAG_LIBRARY_json HEADER nlohmann/json.hpp PACKAGE nlohmann-json3-dev)
set(SEABAG_LIBRARY_openssl HEADER openssl/ssl.h LIBRARY ssl crypto STATIC libssl.a libcrypto.a
    PACKAGE libssl-dev)
set(SEABAG_LIBRARY_sodium HEADER sodium.h LIBRARY sodium STATIC libsodium.a PACKAGE libsodium-dev)
set(SEABAG_LIBRARY_sqlite HEADER sqlite3.h LIBRARY sqlite3 STATIC libsqlite3.a
    PACKAGE libsqlite3-dev)
set(SEABAG_LIBRARY_toml HEADER toml++/toml.h PACKAGE libtomlplusplus-dev)
set(SEABAG_LIBRARY_xxhash HEADER xxhash.h LIBRARY xxhash STATIC libxxhash.a PACKAGE libxxhash-dev)
set(SEABAG_LIBRARY_zlib HEADER zlib.h LIBRARY z STATIC libz.a PACKAGE zlib1g-dev)
set(SEABAG_LIBRARY_zstd HEADER zstd.h LIBRARY zstd STATIC libzstd.a PACKAGE libzstd-dev)

# Makes `seabag_lib::NAME`, where NAME may end in `_static`, or says what to install.
function(seabag_require_library name)
  set(target seabag_lib::${name})
  if(TARGET ${target})
    return()
  endif()
  string(REGEX REPLACE "_static$" "" library ${name})
  cmake_parse_arguments(arg "" "HEADER" "LIBRARY;STATIC;PACKAGE" ${SEABAG_LIBRARY_${library}})
  set(files ${arg_LIBRARY})
  if(NOT library STREQUAL name)
    set(files ${arg_STATIC})
  endif()
  find_path(SEABAG_${library}_INCLUDE ${arg_HEADER})
  mark_as_advanced(SEABAG_${library}_INCLUDE)
  if(NOT SEABAG_${library}_INCLUDE)
    message(FATAL_ERROR "${arg_HEADER} not found: apt-get install ${arg_PACKAGE}")
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${SEABAG_${library}_INCLUDE})
  foreach(file ${files})
    string(MAKE_C_IDENTIFIER "SEABAG_LIB_${file}" variable)
    find_library(${variable} NAMES ${file})
    mark_as_advanced(${variable})
    if(NOT ${variable})
      message(FATAL_ERROR "library ${file} not found: apt-get install ${arg_PACKAGE}")
    endif()
    target_link_libraries(${target} INTERFACE ${${variable}})
  endforeach()
endfunction()
