// Thumbs: a photo is known again after what happens to files, and told from photos that look alike.
#include "shared/search/thumbs.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

namespace vitrine {
namespace {

using Colour = std::function<double(double, double)>;  // of x and y in 0..1

Image Drawn(int width, int height, const Colour& colour) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double value = colour((x + 0.5) / width, (y + 0.5) / height);
      for (double channel : {1.0, 0.8, 0.5}) {
        image.pixels.push_back(static_cast<uint8_t>(value * channel));
      }
    }
  }
  return image;
}

// A round garment at `at` on white, with `stripes` stripes.
Colour Garment(double at, int stripes) {
  return [=](double x, double y) {
    const double dx = x - at, dy = y - 0.5;
    if (dx * dx + dy * dy > 0.09) return 250.0;
    return 120 + 60 * std::sin(y * stripes * 6.283185);
  };
}

// Mean difference of the nearest view, slowly.
double Nearest(const std::vector<uint8_t>& views, const std::vector<uint8_t>& thumb) {
  double least = 256;
  for (size_t v = 0; v < views.size(); v += thumb.size()) {
    double sum = 0;
    for (size_t i = 0; i < thumb.size(); ++i) sum += std::abs(views[v + i] - thumb[i]);
    least = std::min(least, sum / static_cast<double>(thumb.size()));
  }
  return least;
}

TEST_CASE("a thumb is the photo's colours, channel by channel and row by row") {
  const Image even = Drawn(100, 300, [](double, double) { return 200; });
  const auto flat = ThumbOf(even);
  REQUIRE(flat.size() == kThumbBytes);
  for (size_t i = 0; i < 64; ++i) {
    CHECK(flat[i] == 200);
    CHECK(flat[64 + i] == 160);
    CHECK(flat[128 + i] == 100);
  }
  CHECK(ThumbOf(Drawn(1, 1, [](double, double) { return 9; }))[0] == 9);
  // Left is darker than right in every row.
  const auto ramp = ThumbOf(Drawn(90, 60, [](double x, double) { return 255 * x; }));
  for (size_t i = 0; i < 63; ++i) CHECK((i % 8 == 7 || ramp[i] < ramp[i + 1]));
}

TEST_CASE("a photo that was made smaller or cut by 5 % on any sides is within reach of its thumb") {
  const Colour garment = Garment(0.5, 3);
  const auto thumb = ThumbOf(Drawn(360, 480, garment));
  CHECK(Nearest(ThumbViews(Drawn(180, 240, garment)), thumb) < 1);
  for (int sides = 0; sides < 16; ++sides) {
    const double left = 0.05 * (sides & 1), top = 0.05 * (sides >> 1 & 1);
    const double width = 1 - left - 0.05 * (sides >> 2 & 1);
    const double height = 1 - top - 0.05 * (sides >> 3 & 1);
    const Image cut = Drawn(
        342, 456, [&](double x, double y) { return garment(left + x * width, top + y * height); });
    CHECK(Nearest(ThumbViews(cut), thumb) < Thumbs::kSame / 2);
  }
  CHECK(Nearest(ThumbViews(Drawn(360, 480, Garment(0.35, 3))), thumb) > Thumbs::kSame);
}

TEST_CASE("matches are those of a slow scan, and hidden items are found by nobody") {
  std::vector<uint8_t> thumbs;
  std::vector<bool> shown;
  uint32_t state = 3;
  const auto next = [&state](uint32_t n) {
    return (state = state * 1664525u + 1013904223u) / 7 % n;
  };
  for (int i = 0; i < 60; ++i) {
    for (size_t j = 0; j < kThumbBytes; ++j) {
      thumbs.push_back(static_cast<uint8_t>(100 + next(4 + static_cast<uint32_t>(i) / 3)));
    }
    shown.push_back(i % 7 != 2);
  }
  const Bytes payload = Thumbs::Encode(thumbs, shown);
  const Thumbs opened = Thumbs::Open(payload).value();
  const std::vector<uint8_t> views(thumbs.begin(), thumbs.begin() + 2 * kThumbBytes);
  std::vector<ItemIndex> expected;
  for (ItemIndex i = 0; i < 60; ++i) {
    const std::vector<uint8_t> thumb(&thumbs[i * kThumbBytes],
                                     &thumbs[i * kThumbBytes] + kThumbBytes);
    if (shown[i] && Nearest(views, thumb) <= Thumbs::kSame) expected.push_back(i);
  }
  std::vector<ItemIndex> found;
  for (const Thumbs::Match& match : opened.Matches(views)) found.push_back(match.item);
  CHECK(found == expected);
  CHECK(found.size() > 5);
  CHECK(found.size() < 50);
  CHECK(opened.Matches(views)[0].distance == 0);
  for (size_t size = 0; size < payload.size(); size += 1 + size / 20) {
    CHECK(!Thumbs::Open(ByteView(payload).first(size)).ok());
  }
}

}  // namespace
}  // namespace vitrine
