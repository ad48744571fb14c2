# What every room is built with: libraries, compiler settings, and the functions that make rooms and tests.

include(CheckLinkerFlag)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 3.35 REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(MAXMINDDB REQUIRED IMPORTED_TARGET libmaxminddb)
find_library(IPSEC_MB_LIBRARY IPSec_MB)
find_path(IPSEC_MB_INCLUDE intel-ipsec-mb.h)
if(RINGWAY_TESTS)
  find_package(GTest REQUIRED)
endif()

# ccache takes precompiled headers only when told that their macros are not looked at. All clones share what one compiled.
find_program(CCACHE ccache)
if(CCACHE)
  set(RINGWAY_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${RINGWAY_LAUNCHER})
  set(CMAKE_C_COMPILER_LAUNCHER ${RINGWAY_LAUNCHER})
endif()

# lld where it is there, else gold: both link several times quicker than the default one.
foreach(linker lld gold)
  check_linker_flag(CXX -fuse-ld=${linker} RINGWAY_HAS_${linker})
  if(RINGWAY_HAS_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

if(RINGWAY_SANITIZE)
  add_compile_options(-fsanitize=${RINGWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RINGWAY_SANITIZE})
  # g++ takes what sanitizers add for uses of what was never set, in its own <regex> too.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(RINGWAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(RINGWAY_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# llhttp as Debian ships it, but strict: its own build takes "Host : a".
set(LLHTTP_DIR /usr/share/llhttp)
add_library(llhttp_strict STATIC ${LLHTTP_DIR}/api.c ${LLHTTP_DIR}/http.c ${LLHTTP_DIR}/llhttp.c)
target_include_directories(llhttp_strict SYSTEM PUBLIC /usr/share/include/llhttp)
target_compile_definitions(llhttp_strict PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp_strict PRIVATE -w)

# Assertions stay on in every build.
add_library(ringway_options INTERFACE)
target_include_directories(ringway_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ringway_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -UNDEBUG)

# ringway_room(NAME SOURCES a.cpp … USES room … LIBRARIES target … PRECOMPILE header …): one static library a folder.
function(ringway_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;LIBRARIES;PRECOMPILE" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC ringway_options)
  foreach(used ${ROOM_USES})
    target_link_libraries(${name} PUBLIC ${used})
  endforeach()
  target_link_libraries(${name} PUBLIC ${ROOM_LIBRARIES})
  ringway_precompile(${name} ${ROOM_PRECOMPILE})
endfunction()

# ringway_test(NAME SOURCES a_test.cpp … USES room … READS_TREE b_test.cpp …): one GoogleTest program a folder. Those that
# read the project's files know where it lies; no other file's compilation depends on that.
function(ringway_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES;READS_TREE" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_USES} GTest::gtest_main)
  set_source_files_properties(${TEST_READS_TREE} PROPERTIES
                              COMPILE_DEFINITIONS RINGWAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  list(LENGTH TEST_SOURCES count)
  if(count GREATER 2)
    ringway_precompile(${name} <gtest/gtest.h>)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# ringway_precompile(TARGET header …): headers that most files of the target read anyway.
function(ringway_precompile target)
  if(RINGWAY_PCH AND ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # ccache needs the compiler to name the precompiled header in its preprocessed output.
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    else()
      target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
    endif()
  endif()
endfunction()
