#include "indexer/toml_reader.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "indexer/support/files.h"

using namespace vitrine;

namespace {

std::filesystem::path Write(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "vitrine_toml_test" / "vitrine.toml";
  REQUIRE(WriteFileAtomically(path, text).ok());
  return path;
}

std::string FinishError(TomlReader& toml) {
  Status status = toml.Finish();
  return status.ok() ? "" : status.error().message;
}

}  // namespace

TEST_CASE("flags win over the environment, which wins over the file") {
  const auto path = Write("[a]\nx = 1\ny = 2\nz = 3\nname = \"file\"\n");
  ::setenv("VITRINE_A_Y", "20", 1);
  ::setenv("VITRINE_A_Z", "30", 1);
  auto toml = TomlReader::Open(path, {"a.z=300", "a.name=plain text"});
  REQUIRE(toml.ok());
  int x = 0, y = 0, z = 0;
  std::string name;
  toml.value().ReadInteger("a.x", x, 0, 1000);
  toml.value().ReadInteger("a.y", y, 0, 1000);
  toml.value().ReadInteger("a.z", z, 0, 1000);
  toml.value().Read("a.name", name);
  CHECK(x == 1);
  CHECK(y == 20);
  CHECK(z == 300);
  CHECK(name == "plain text");
  CHECK(FinishError(toml.value()).empty());
  ::unsetenv("VITRINE_A_Y");
  ::unsetenv("VITRINE_A_Z");
}

TEST_CASE("a key nobody asked for is an error with its line and the nearest name") {
  const auto path = Write("[mine]\npartners = 3\npartnrs = 4\n");
  auto toml = TomlReader::Open(path, {});
  REQUIRE(toml.ok());
  int partners = 0;
  toml.value().ReadInteger("mine.partners", partners, 0, 10);
  const std::string error = FinishError(toml.value());
  CHECK(error.find("vitrine.toml:3") != std::string::npos);
  CHECK(error.find("mine.partnrs") != std::string::npos);
  CHECK(error.find("did you mean \"mine.partners\"") != std::string::npos);
}

TEST_CASE("wrong types and ranges name the key and its line") {
  const auto path = Write("[a]\nn = \"five\"\nlist = [1]\nbig = 11\n");
  const auto error_of = [&](auto read) {
    auto toml = TomlReader::Open(path, {});
    REQUIRE(toml.ok());
    read(toml.value());
    return FinishError(toml.value());
  };
  int number = 0;
  std::vector<std::string> list;
  CHECK(error_of([&](TomlReader& t) { t.ReadInteger("a.n", number, 0, 10); }).find(":2: a.n") !=
        std::string::npos);
  CHECK(error_of([&](TomlReader& t) { t.Read("a.list", list); }).find(":3: a.list") !=
        std::string::npos);
  CHECK(error_of([&](TomlReader& t) { t.ReadInteger("a.big", number, 0, 10); }).find(":4: a.big") !=
        std::string::npos);
}

TEST_CASE("a missing file and broken TOML are usage errors") {
  CHECK(TomlReader::Open("/nonexistent/vitrine.toml", {}).error().kind == ErrorKind::kUsage);
  auto broken = TomlReader::Open(Write("[a\nx = 1\n"), {});
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().message.find("vitrine.toml:1") != std::string::npos);
}
