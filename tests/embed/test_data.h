// What several tests of this room need: folders, small PNG files, products.
#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "indexer/shop.h"
#include "shared/bytes.h"

namespace vitrine {

inline std::filesystem::path DataFolder() {
  const char* given = std::getenv("VITRINE_DATA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(VITRINE_SOURCE_DIR) / "../shared/data";
}

inline std::filesystem::path ModelFolder() {
  return std::filesystem::path(VITRINE_SOURCE_DIR) / "build/deps/models";
}

// A folder of this test's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vitrine-embed-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Builds PNG files byte by byte (ISO/IEC 15948), independently of the library that reads them.
class PngBuilder {
 public:
  PngBuilder(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type) {
    out_.assign({0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    Bytes header;
    Big(width, header);
    Big(height, header);
    header.insert(header.end(), {depth, colour_type, 0, 0, 0});
    Chunk("IHDR", header);
  }
  PngBuilder& Chunk(const char* type, const Bytes& data) {
    Big(static_cast<uint32_t>(data.size()), out_);
    Bytes body(type, type + 4);
    body.insert(body.end(), data.begin(), data.end());
    out_.insert(out_.end(), body.begin(), body.end());
    Big(Crc32(body), out_);
    return *this;
  }
  // `rows` with the filter byte 0 in front of each.
  Bytes Finish(const Bytes& rows) {
    Bytes packed(compressBound(rows.size()));
    uLongf size = packed.size();
    compress(packed.data(), &size, rows.data(), rows.size());
    packed.resize(size);
    Chunk("IDAT", packed);
    Chunk("IEND", {});
    return out_;
  }

 private:
  static void Big(uint32_t value, Bytes& out) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<uint8_t>(value >> shift));
  }
  Bytes out_;
};

// A plain photo of one colour.
inline Bytes PlainPng(uint8_t red, uint8_t green, uint8_t blue, uint32_t side = 32) {
  Bytes rows;
  for (uint32_t y = 0; y < side; ++y) {
    rows.push_back(0);
    for (uint32_t x = 0; x < side; ++x) rows.insert(rows.end(), {red, green, blue});
  }
  return PngBuilder(side, side, 8, 2).Finish(rows);
}

inline Product MakeProduct(std::string id, std::string title, std::string image = "") {
  Product product;
  product.id = std::move(id);
  product.title = std::move(title);
  if (!image.empty()) product.images.push_back(std::move(image));
  return product;
}

// The rows of a CSV file by the names of its columns, read without the indexer; none, and a
// message, where the file is not there.
inline std::vector<std::map<std::string, std::string>> ReadCsv(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: no ", path.string());
    return {};
  }
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> names, fields(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (doubled) fields.back() += text[++i];
      if (!doubled) quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\n')) {
      fields.back() += c;
    } else if (c == ',') {
      fields.emplace_back();
    } else {
      if (!names.empty()) rows.emplace_back();
      for (size_t f = 0; f < names.size(); ++f) rows.back()[names[f]] = fields.at(f);
      if (names.empty()) names = fields;
      fields.assign(1, "");
    }
  }
  return rows;
}

// fashion-small's products as a shop would name their columns; the article type is the category.
inline std::vector<Product> FashionSmall() {
  std::vector<Product> products;
  for (auto& row : ReadCsv(DataFolder() / "fashion-small/catalogue.csv")) {
    Product product = MakeProduct(row["product_id"], row["title"], row["image"]);
    product.audience_raw = row["gender"];
    product.department = row["sub_category"];
    product.category = row["article_type"];
    product.colour = row["base_colour"];
    product.description = row["description"];
    products.push_back(std::move(product));
  }
  return products;
}

}  // namespace vitrine
