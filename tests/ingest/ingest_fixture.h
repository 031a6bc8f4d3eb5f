// Files for ingest tests: a folder that is gone at the end, and the shared real data.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "indexer/ingest/ingest.h"

namespace vitrine {

class TestFolder {
 public:
  TestFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "vitrine-test-XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Write(const std::string& name, std::string_view text) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string Read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A file of the shared test data, "" where it is absent.
inline std::string DataFile(const std::string& name) {
  const char* folder = std::getenv("VITRINE_DATA");
  const std::filesystem::path path =
      (folder != nullptr ? std::filesystem::path(folder)
                         : std::filesystem::path(VITRINE_SOURCE_DIR) / "../shared/data") /
      name;
  return std::filesystem::exists(path) ? path.string() : std::string();
}

inline Console QuietConsole() { return Console(Console::Level::kQuiet); }

// What ingest makes of them; fails the test where it refuses them or loses a row.
inline IngestResult MustIngest(const IngestOptions& options) {
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  if (!result.ok()) FAIL(result.error().message);
  CHECK(RowsAddUp(result.value().report));
  return std::move(result.value());
}

}  // namespace vitrine
