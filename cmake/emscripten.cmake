# Toolchain file for WebAssembly: finds the toolchain file of whatever Emscripten is installed
# (Debian's package, or an emsdk whose environment is active) and reads that.
find_program(EM_CONFIG em-config HINTS $ENV{EMSDK}/upstream/emscripten)
if(DEFINED ENV{EMSCRIPTEN_ROOT})
  set(emscripten_root $ENV{EMSCRIPTEN_ROOT})
elseif(EM_CONFIG)
  execute_process(COMMAND ${EM_CONFIG} EMSCRIPTEN_ROOT OUTPUT_VARIABLE emscripten_root
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
else()
  set(emscripten_root /usr/share/emscripten)
endif()
if(NOT EXISTS ${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake)
  message(FATAL_ERROR "Emscripten was not found: install Debian's package emscripten (./run setup "
                      "does), or set EMSCRIPTEN_ROOT to the folder that holds emcc.")
endif()
include(${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake)
