# embed_texts(OUTPUT.cc NAME FILE [NAME FILE …]): writes a C++ file that defines, for each NAME, a
# `const char* const NAME` of namespace vitrine with the text of FILE. Changed files configure anew.
function(embed_texts output)
  set(code "// Made by cmake/embed_texts.cmake.\nnamespace vitrine {\n")
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest name file)
    file(READ ${file} text)
    string(APPEND code "extern const char* const ${name};\n"
                       "const char* const ${name} = R\"embedded(${text})embedded\";\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endwhile()
  string(APPEND code "}  // namespace vitrine\n")
  file(CONFIGURE OUTPUT ${output} CONTENT "@code@" @ONLY)
endfunction()
