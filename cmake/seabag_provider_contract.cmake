# seabag::provider_contract: the sources of the suite, which are below _seabag_contract, with a main
# of Catch2 2.x.
include_guard(GLOBAL)

find_path(SEABAG_CATCH_INCLUDE catch2/catch.hpp REQUIRED DOC "Catch2 2.x: apt-get install catch2")
file(GLOB _seabag_suite "${_seabag_contract}/support/*.cpp")
add_library(seabag_provider_contract_sources INTERFACE)
add_library(seabag::provider_contract ALIAS seabag_provider_contract_sources)
target_sources(seabag_provider_contract_sources INTERFACE ${_seabag_suite})
target_compile_features(seabag_provider_contract_sources INTERFACE cxx_std_20)
target_include_directories(seabag_provider_contract_sources INTERFACE "${_seabag_contract}")
target_include_directories(seabag_provider_contract_sources SYSTEM INTERFACE
  "${SEABAG_CATCH_INCLUDE}")
target_link_libraries(seabag_provider_contract_sources INTERFACE seabag::vfs Threads::Threads)
