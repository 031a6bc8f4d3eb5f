// Every test program has a folder for temporary files of its own, so that programs (and cases,
// which CTest runs side by side) do not meet in it.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
  std::string folder = (std::filesystem::temp_directory_path() / "vitrine-tests-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr || ::setenv("TMPDIR", folder.c_str(), 1) != 0) return 1;
  const int result = doctest::Context(argc, argv).run();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return result;
}
